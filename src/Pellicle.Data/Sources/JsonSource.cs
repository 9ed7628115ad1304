using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Data.Images;

namespace Pellicle.Data.Sources;

/// <summary>A label list in NeuraCrypt's JSON: a list of {pid, path, split_group, label_dict, source}. The label column names the task, such as "mimic_cxr_edema".</summary>
/// <remarks>Row rule of the reference: used if the finding is "1.0" or "0.0", or "No Finding" is "1.0" (then negative); uncertain rows are left out.
/// Absolute paths lose their common folder and are looked for below the image root.</remarks>
internal sealed class JsonSource : ImageSource
{
    private const long MaxBytes = 1L << 30;
    private static readonly string[] TableColumns = ["path", "split_group", "label", "pid", "exam", "source"];
    private readonly LocatedFiles _files;
    private readonly List<JsonLabelRow> _rows = [];

    internal JsonSource(string path, DatasetOptions options)
        : base(options)
    {
        _files = new LocatedFiles(path, options);
        JsonLabelTask task = JsonLabelTask.Parse(options.LabelColumn);
        IReadOnlyList<JsonLabelRow> rows = ReadRows(path, Problems);
        CheckColumns(path, options);
        Columns = TableColumns;
        PatientColumn = "pid";
        Items = Problems.Count > 0 ? [] : Select(rows, task, options);
        IsSynthetic = _files.HasSyntheticMark;
    }

    internal override SourceKind Kind => SourceKind.Json;

    internal override bool IsSynthetic { get; }

    internal override RawImage Read(int item, PixelScratch scratch) => _files.Read(item, Items[item].File, scratch);

    internal override string Stamp(int item) => _files.Stamp(item);

    internal override IReadOnlyList<string>? ColumnValues(string column) =>
        TableColumns.Contains(column) ? [.. _rows.Select((row, i) => column == "label" ? Items[i].Label : row.Value(column))] : null;

    private List<SourceItem> Select(IReadOnlyList<JsonLabelRow> rows, JsonLabelTask task, DatasetOptions options)
    {
        string prefix = JsonLabelRow.CommonFolder(rows);
        var items = new List<SourceItem>();
        int left = 0;
        foreach (JsonLabelRow row in rows)
        {
            if (task.LabelOf(row) is not { } label)
            {
                left++;
                continue;
            }

            if (!SplitName.TryParse(task.SplitOf(row), out string split))
            {
                Problems.Add(
                    row.Where,
                    task.IsAttack ? $"challenge_split '{row.ChallengeSplit}'; expected public or private-encoded" : $"split_group '{row.SplitGroup}'; expected train, dev, validate or test",
                    "Correct the list.");
                continue;
            }

            string file = row.Path[prefix.Length..].TrimStart('/');
            if (_files.Locate(file) is { } problem)
            {
                Problems.Add(row.Where, problem.Message, problem.Hint);
                continue;
            }

            IReadOnlyDictionary<string, string> attributes = options.AttributeColumns.Count == 0 ? SourceItem.NoAttributes : options.AttributeColumns.ToDictionary(a => a, row.Value);
            items.Add(new SourceItem(file, label, split, row.Patient.Length == 0 ? null : row.Patient, attributes));
            _rows.Add(row);
        }

        if (left > 0)
        {
            Warnings.Add($"{left} of {rows.Count} rows are uncertain or of another source for the task '{task.Name}' and were left out");
        }

        return items;
    }

    private void CheckColumns(string path, DatasetOptions options)
    {
        foreach (string column in options.AttributeColumns.Where(c => !TableColumns.Contains(c)))
        {
            Problems.Add(path, $"there is no column '{column}'; the columns are {string.Join(", ", TableColumns)}", "Name one of these.");
        }
    }

    private static IReadOnlyList<JsonLabelRow> ReadRows(string path, ProblemList problems)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new DataFormatException($"'{path}' has {new FileInfo(path).Length} bytes; expected at most {MaxBytes}", "Split the list.");
            }

            using FileStream stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw new DataFormatException($"'{path}' holds a JSON {document.RootElement.ValueKind.ToString().ToLowerInvariant()}; expected a list of rows", "Give a NeuraCrypt label list.");
            }

            return [.. document.RootElement.EnumerateArray().Select((row, i) => JsonLabelRow.Read(row, $"{path}[{i}]", problems)).OfType<JsonLabelRow>()];
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"'{path}' is not valid JSON: {e.Message.Split('\n')[0]}", "Write the list again.", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"'{path}' cannot be read: {e.Message.Split('\n')[0]}", "Check the path and the permissions.", inner: e);
        }
    }
}
