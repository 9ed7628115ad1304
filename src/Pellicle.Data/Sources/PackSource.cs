using Pellicle.Data.Images;
using Pellicle.Formats.Zip;

namespace Pellicle.Data.Sources;

/// <summary>A ZIP with <c>labels.csv</c> and images, read in place by all threads at once.</summary>
internal sealed class PackSource : ImageSource
{
    internal const string TableName = "labels.csv";
    private readonly ZipEntries _zip;
    private readonly LabelTable _table;
    private readonly List<int> _rows;
    private readonly List<ZipEntry> _entries = [];

    internal PackSource(string path, DatasetOptions options, SourceKind kind = SourceKind.Pack)
        : base(options)
    {
        Kind = kind;
        _zip = ZipEntries.Open(path);
        try
        {
            ZipEntry labels = _zip.Find(TableName);
            CsvTable.CheckSize(labels.Length, $"{path}!{TableName}");
            CsvTable table = CsvTable.Parse(_zip.Read(labels), $"{path}!{TableName}");
            _table = new LabelTable(table, options, Problems);
            Columns = table.Columns;
            PatientColumn = _table.PatientColumn;
            Items = _table.Items(Problems, Locate, out _rows);
            IsSynthetic = _zip.TryFind("SYNTHETIC.txt", out _);
        }
        catch
        {
            _zip.Dispose();
            throw;
        }
    }

    internal override SourceKind Kind { get; }

    internal override bool IsSynthetic { get; }

    internal override RawImage Read(int item, PixelScratch scratch) => scratch.Decode(_zip.Read(_entries[item]), Items[item].File, Options.MaxPixels, Options.Window);

    internal override byte[]? ReadFile(int item) => _zip.Read(_entries[item]);

    internal override string Stamp(int item) => $"{_entries[item].Length}:{_entries[item].Crc32:x8}";

    internal override IReadOnlyList<string>? ColumnValues(string column) => _table.Values(column, _rows);

    protected override void Dispose(bool disposing)
    {
        _zip.Dispose();
        base.Dispose(disposing);
    }

    private (string Message, string Hint)? Locate(string file)
    {
        if (!_zip.TryFind(file, out ZipEntry? entry))
        {
            return ($"'{file}' is not in the archive", "Add the image to the archive or delete the line.");
        }

        if (entry.Length > Options.MaxFileBytes)
        {
            return ($"'{file}' has {entry.Length} bytes; expected at most {Options.MaxFileBytes}", "Scale the picture down or delete the line.");
        }

        _entries.Add(entry);
        return null;
    }
}
