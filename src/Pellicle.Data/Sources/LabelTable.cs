namespace Pellicle.Data.Sources;

/// <summary>A CSV table whose rows are images: finds the columns, checks the rows, makes the items.</summary>
internal sealed class LabelTable
{
    private const string OnlyClass = "image";
    private readonly CsvTable _table;
    private readonly int _file;
    private readonly int _label;
    private readonly int _patient;
    private readonly int _split;
    private readonly (string Name, int Column)[] _attributes;

    internal LabelTable(CsvTable table, DatasetOptions options, ProblemList problems)
    {
        _table = table;
        _file = table.Find(options.ImageColumn, ["file", "image", "path", "filename"], "image files", "--image-column", problems, required: true);
        _label = table.Find(options.LabelColumn, ["label", "class"], "labels", "--label-column", problems, required: !options.LabelIsOptional);
        _patient = table.Find(options.PatientColumn, ["patient", "patient_id"], "patients", "--patient-column", problems, required: false);
        _split = table.Find(options.SplitColumn, ["split"], "splits", "the split column option", problems, required: false);
        _attributes = [.. options.AttributeColumns.Select(a => (a, table.Find(a, [], "attributes", "--attribute-columns", problems, required: true)))];
    }

    internal string? PatientColumn => _patient < 0 ? null : _table.Columns[_patient];

    /// <summary>Makes the items; rows with problems are left out.</summary>
    /// <param name="problems">Receives missing file names, double rows, unknown splits, and what <paramref name="locate"/> says.</param>
    /// <param name="locate">Checks a file name and remembers where it is; gives null, or what is wrong and the remedy.</param>
    /// <param name="rows">Row of each item, in the table.</param>
    internal List<SourceItem> Items(ProblemList problems, Func<string, (string Message, string Hint)?> locate, out List<int> rows)
    {
        var items = new List<SourceItem>();
        rows = [];
        if (problems.Count > 0)
        {
            return items; // columns are missing: nothing sensible can be said of the rows
        }

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < _table.Rows.Count; i++)
        {
            string[] row = _table.Rows[i];
            string where = $"{_table.Name}, line {_table.Lines[i]}";
            string file = row[_file].Replace('\\', '/');
            if (file.Length == 0)
            {
                problems.Add(where, "no file name", "Fill in the file name or delete the line.");
                continue;
            }

            if (!seen.TryAdd(file, _table.Lines[i]))
            {
                problems.Add(where, $"'{file}' is listed twice, first on line {seen[file]}", "Delete one of the lines: an image may occur once, otherwise it counts twice in the privacy analysis.");
                continue;
            }

            string? split = null;
            if (_split >= 0)
            {
                if (!SplitName.TryParse(row[_split], out string known))
                {
                    problems.Add(where, $"split '{row[_split]}'; expected train, validation or test", "Correct it, or name another column as the split column.");
                    continue;
                }

                split = known;
            }

            if (locate(file) is { } problem)
            {
                problems.Add(where, problem.Message, problem.Hint);
                continue;
            }

            string? patient = _patient < 0 || row[_patient].Length == 0 ? null : row[_patient];
            items.Add(new SourceItem(file, _label < 0 ? OnlyClass : row[_label], split, patient, Attributes(row)));
            rows.Add(i);
        }

        return items;
    }

    /// <summary>A column's values for the given rows; null if there is no such column.</summary>
    internal IReadOnlyList<string>? Values(string column, IReadOnlyList<int> rows) =>
        _table.IndexOf(column) is >= 0 and int i ? [.. rows.Select(r => _table.Rows[r][i])] : null;

    private IReadOnlyDictionary<string, string> Attributes(string[] row) =>
        _attributes.Length == 0 ? SourceItem.NoAttributes : _attributes.ToDictionary(a => a.Name, a => row[a.Column]);
}
