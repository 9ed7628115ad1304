using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Pellicle.Core.Errors;

namespace Pellicle.Data.Sources;

/// <summary>A CSV file in memory: RFC 4180 quoting, UTF-8 with or without byte-order mark, separated by commas, or by semicolons or tabs if the header has no comma.</summary>
internal sealed class CsvTable
{
    internal const long MaxBytes = 64L << 20;
    private const int MaxFieldLength = 1 << 16;
    private const int MaxColumns = 4096;

    private CsvTable(string name, IReadOnlyList<string> columns, List<string[]> rows, List<int> lines)
    {
        Name = name;
        Columns = columns;
        Rows = rows;
        Lines = lines;
    }

    internal string Name { get; }

    internal IReadOnlyList<string> Columns { get; }

    /// <summary>Fields as in the file, trimmed; as many as there are columns.</summary>
    internal IReadOnlyList<string[]> Rows { get; }

    /// <summary>Line on which each row starts or ends, for messages; the header is line 1.</summary>
    internal IReadOnlyList<int> Lines { get; }

    /// <exception cref="DataFormatException">More than <see cref="MaxBytes"/>.</exception>
    internal static void CheckSize(long bytes, string name)
    {
        if (bytes > MaxBytes)
        {
            throw new DataFormatException($"{name} has {bytes} bytes; expected at most {MaxBytes}", "Split the table.");
        }
    }

    /// <exception cref="DataFormatException">Not UTF-8, unclosed quotes, rows of the wrong length, no header, too large; names the line.</exception>
    internal static CsvTable Parse(ReadOnlySpan<byte> content, string name)
    {
        CheckSize(content.Length, name);
        string text = Decode(content, name);
        if (text.Length == 0)
        {
            throw new DataFormatException($"{name} is empty; expected a header line with column names", "Check that it was written completely.");
        }

        if (text.Contains('\0'))
        {
            throw new DataFormatException($"{name} holds a zero byte at character {text.IndexOf('\0')}; expected text", "Give a CSV file in UTF-8.");
        }

        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = DelimiterOf(text),
            TrimOptions = TrimOptions.Trim,
            MaxFieldSize = MaxFieldLength,
            IgnoreBlankLines = true,
            BadDataFound = a => throw new DataFormatException($"{name}: broken quoting near line {a.Context.Parser?.RawRow}", "Close the quotes, and double the quotes within quoted fields."),
        };
        try
        {
            using var parser = new CsvParser(new StringReader(text), configuration);
            return Read(parser, name);
        }
        catch (CsvHelperException e)
        {
            throw new DataFormatException($"{name}: {e.Message.Split('\n', '\r')[0]}", "Check the quoting: a field that is never closed swallows the rest of the file.", inner: e);
        }
    }

    /// <summary>Index of a column: the exact name, or the same but for upper and lower case.</summary>
    /// <returns>-1 if there is none.</returns>
    internal int IndexOf(string column)
    {
        int exact = Columns.ToList().IndexOf(column);
        return exact >= 0 ? exact : Columns.ToList().FindIndex(c => c.Equals(column, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Index of the column of a role.</summary>
    /// <param name="wanted">The name the user gave, or null.</param>
    /// <param name="usual">Names tried if the user gave none.</param>
    /// <param name="role">Role and option, for the message.</param>
    /// <param name="option">Option that chooses the column.</param>
    /// <param name="problems">Receives the problem if the column is missing.</param>
    /// <param name="required">Whether the absence of the usual names is a problem.</param>
    /// <returns>-1 if there is none.</returns>
    internal int Find(string? wanted, string[] usual, string role, string option, ProblemList problems, bool required)
    {
        int found = wanted is null ? usual.Select(IndexOf).FirstOrDefault(i => i >= 0, -1) : IndexOf(wanted);
        if (found < 0 && (wanted is not null || required))
        {
            string missing = wanted ?? usual[0];
            string nearest = Nearest.Of(missing, Columns) is { } near ? $"did you mean '{near}'? " : "";
            problems.Add(Name, $"there is no column '{missing}' for the {role}; the columns are {string.Join(", ", Columns)}", $"{nearest}Name the column with {option}.");
        }

        return found;
    }

    private static string Decode(ReadOnlySpan<byte> content, string name)
    {
        if (content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || content.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            throw new DataFormatException($"{name} is UTF-16; expected UTF-8", "Save the table as CSV UTF-8.");
        }

        if (content.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            content = content[3..];
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException e)
        {
            throw new DataFormatException($"{name} is not UTF-8 text (byte {e.Index})", "Save the table as CSV UTF-8.", inner: e);
        }
    }

    private static string DelimiterOf(string text)
    {
        ReadOnlySpan<char> header = text.AsSpan(0, text.IndexOfAny(['\r', '\n']) is >= 0 and var end ? end : text.Length);
        return header.Contains(',') ? "," : header.Contains(';') ? ";" : header.Contains('\t') ? "\t" : ",";
    }

    private static CsvTable Read(CsvParser parser, string name)
    {
        string[]? columns = null;
        var rows = new List<string[]>();
        var lines = new List<int>();
        while (parser.Read())
        {
            string[] fields = parser.Record!;
            if (columns is null)
            {
                columns = fields;
                CheckHeader(columns, name);
            }
            else if (fields.Length != columns.Length)
            {
                throw new DataFormatException($"{name}, line {parser.RawRow}: {fields.Length} fields; the header has {columns.Length}", "Quote fields that contain the separator.");
            }
            else
            {
                rows.Add(fields);
                lines.Add(parser.RawRow);
            }
        }

        return columns is null ? throw new DataFormatException($"{name} has no header line with column names", "Add one as the first line.") : new CsvTable(name, columns, rows, lines);
    }

    private static void CheckHeader(string[] columns, string name)
    {
        if (columns.Length > MaxColumns)
        {
            throw new DataFormatException($"{name} has {columns.Length} columns; expected at most {MaxColumns}", "Give a CSV file with a header line.");
        }

        if (columns.GroupBy(c => c, StringComparer.Ordinal).FirstOrDefault(g => g.Key.Length > 0 && g.Count() > 1) is { } twice)
        {
            throw new DataFormatException($"{name} has {twice.Count()} columns named '{twice.Key}'; expected different names", "Rename one of them.");
        }
    }
}
