namespace Pellicle.Cli.Output;

/// <summary>Writes rows in columns; numbers to the right.</summary>
/// <param name="headings">One for each column; a heading that begins with <c>&gt;</c> aligns its column to the right.</param>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row.</summary>
    /// <param name="cells">One for each column.</param>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes headings and rows.</summary>
    /// <param name="writer">Takes the lines.</param>
    public void WriteTo(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        string[] names = [.. headings.Select(h => h.TrimStart('>'))];
        int[] widths = [.. names.Select((name, i) => Math.Max(name.Length, _rows.Count == 0 ? 0 : _rows.Max(row => row[i].Length)))];
        foreach (string[] row in names.All(n => n.Length == 0) ? _rows : [names, .. _rows])
        {
            IEnumerable<string> cells = row.Select((cell, i) => headings[i].StartsWith('>') ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            writer.WriteLine(("  " + string.Join("  ", cells)).TrimEnd());
        }
    }
}
