namespace Pellicle.Core.Files;

/// <summary>A field of a CSV file (RFC 4180).</summary>
public static class CsvField
{
    /// <summary>The text as a field: quoted if it holds a comma, a quote or a line break.</summary>
    /// <param name="text">Any text.</param>
    public static string Quote(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
