using System.Globalization;
using System.Text;
using Pellicle.Reporting.Html;

namespace Pellicle.Reporting.Cards;

/// <summary>Markdown of a model card: texts of a run cannot leave their line, table cell or quotation.</summary>
internal sealed class CardText
{
    /// <summary>What nobody has said.</summary>
    public const string Todo = "TODO";

    private readonly StringBuilder _text = new();

    /// <summary>Starts or ends the YAML head.</summary>
    public void Fence(bool isEnd = false) => _text.Append(isEnd ? "---\n\n" : "---\n");

    /// <summary>A line of the YAML head; the value is written as it is.</summary>
    public void Head(string key, string value) => _text.Append(key).Append(value.Length == 0 ? ":" : ": ").Append(value).Append('\n');

    /// <summary>A paragraph.</summary>
    public void Paragraph(string text) => _text.Append(text).Append("\n\n");

    /// <summary>A section with a list.</summary>
    public void Section(string title, params IEnumerable<string> lines)
    {
        Title(title);
        foreach (string line in lines)
        {
            _text.Append("- ").Append(line).Append('\n');
        }

        _text.Append('\n');
    }

    /// <summary>The heading of a section.</summary>
    public void Title(string title) => _text.Append("## ").Append(title).Append("\n\n");

    /// <summary>A table.</summary>
    public void Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        Row(head);
        Row([.. head.Select(_ => "---")]);
        foreach (IReadOnlyList<string> row in rows)
        {
            Row(row);
        }

        _text.Append('\n');
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>A value, or that nobody has said it.</summary>
    public static string Known(string? value) => string.IsNullOrEmpty(value) || value == Numbers.None ? Todo : value;

    /// <summary>A number as YAML reads it back; null if it is none.</summary>
    public static string? Plain(double? value) => value is { } v && double.IsFinite(v) ? v.ToString("R", CultureInfo.InvariantCulture) : null;

    /// <summary>A quoted YAML text.</summary>
    public static string Quote(string text) => "\"" + OneLine(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    /// <summary>A text of the run inside Markdown, which lets HTML through and ends table cells at a bar: both are taken away.</summary>
    public static string Inline(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in OneLine(text))
        {
            escaped.Append(c switch { '<' => "&lt;", '>' => "&gt;", '&' => "&amp;", '|' or '[' or ']' or '`' or '*' or '\\' => "\\" + c, _ => c.ToString() });
        }

        return escaped.ToString();
    }

    private void Row(IReadOnlyList<string> cells) => _text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string OneLine(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
}
