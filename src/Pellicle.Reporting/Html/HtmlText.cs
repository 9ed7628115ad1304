using System.Text;

namespace Pellicle.Reporting.Html;

/// <summary>Builds HTML in which every text is escaped: there is no way to add markup except by the names of elements, which are constants of this project.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds text, escaped.</summary>
    public HtmlText Text(string text)
    {
        _text.Append(Escape(text));
        return this;
    }

    /// <summary>Adds <c>&lt;name class="…"&gt;text&lt;/name&gt;</c>.</summary>
    public HtmlText Element(string name, string text, string? cssClass = null) => Open(name, cssClass).Text(text).Close(name);

    /// <summary>Adds an element whose content is built by a callback.</summary>
    public HtmlText Element(string name, string? cssClass, Action<HtmlText> content)
    {
        Open(name, cssClass);
        content(this);
        return Close(name);
    }

    public HtmlText Open(string name, string? cssClass = null, params (string Name, string Value)[] attributes)
    {
        _text.Append('<').Append(name);
        if (cssClass is not null)
        {
            Attribute("class", cssClass);
        }

        foreach ((string attribute, string value) in attributes)
        {
            Attribute(attribute, value);
        }

        _text.Append('>');
        return this;
    }

    public HtmlText Close(string name)
    {
        _text.Append("</").Append(name).Append('>');
        if (name is not ("td" or "th" or "span" or "b" or "code" or "text" or "tspan" or "title" or "desc"))
        {
            _text.Append('\n');
        }

        return this;
    }

    /// <summary>Adds markup made by this project: another <see cref="HtmlText"/>, a chart, the style sheet.</summary>
    public HtmlText Trusted(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>Adds a table with a header row; the first column of the body is a row header.</summary>
    public HtmlText Table(string caption, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows, string? cssClass = null)
    {
        Open("div", "scroll").Open("table", cssClass).Element("caption", caption).Open("thead").Open("tr");
        foreach (string cell in header)
        {
            Open("th", null, ("scope", "col")).Text(cell).Close("th");
        }

        Close("tr").Close("thead").Open("tbody");
        foreach (IReadOnlyList<string> row in rows)
        {
            Open("tr");
            for (int i = 0; i < row.Count; i++)
            {
                if (i == 0)
                {
                    Open("th", null, ("scope", "row")).Text(row[i]).Close("th");
                }
                else
                {
                    Element("td", row[i]);
                }
            }

            Close("tr");
        }

        return Close("tbody").Close("table").Close("div");
    }

    public override string ToString() => _text.ToString();

    /// <summary>Escapes for text and quoted attributes; control characters that HTML does not allow become U+FFFD.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            switch (c)
            {
                case '&': escaped.Append("&amp;"); break;
                case '<': escaped.Append("&lt;"); break;
                case '>': escaped.Append("&gt;"); break;
                case '"': escaped.Append("&quot;"); break;
                case '\'': escaped.Append("&#39;"); break;
                case < ' ' when c is not ('\n' or '\t'): escaped.Append('\uFFFD'); break;
                case '\u202A' or '\u202B' or '\u202C' or '\u202D' or '\u202E' or '\u2066' or '\u2067' or '\u2068' or '\u2069': escaped.Append('\uFFFD'); break; // text direction tricks
                default: escaped.Append(c); break;
            }
        }

        return escaped.ToString();
    }

    private void Attribute(string name, string value) => _text.Append(' ').Append(name).Append("=\"").Append(Escape(value)).Append('"');
}
