using Pellicle.Core.Errors;
using Pellicle.Data.Images;

namespace Pellicle.Data.Sources;

/// <summary>A CSV file that names image files. Names are relative to its folder, or to <see cref="DatasetOptions.ImageRoot"/>, and must stay below it.</summary>
internal sealed class CsvSource : ImageSource
{
    private readonly LocatedFiles _files;
    private readonly LabelTable _table;
    private readonly List<int> _rows;

    internal CsvSource(string path, DatasetOptions options, SourceKind kind = SourceKind.Csv)
        : base(options)
    {
        Kind = kind;
        _files = new LocatedFiles(path, options);
        CsvTable table = CsvTable.Parse(ReadTable(path), path);
        _table = new LabelTable(table, options, Problems);
        Columns = table.Columns;
        PatientColumn = _table.PatientColumn;
        Items = _table.Items(Problems, _files.Locate, out _rows);
        IsSynthetic = _files.HasSyntheticMark;
    }

    internal override SourceKind Kind { get; }

    internal override bool IsSynthetic { get; }

    internal override RawImage Read(int item, PixelScratch scratch) => _files.Read(item, Items[item].File, scratch);

    internal override byte[]? ReadFile(int item) => _files.ReadFile(item, Items[item].File);

    internal override string Stamp(int item) => _files.Stamp(item);

    internal override IReadOnlyList<string>? ColumnValues(string column) => _table.Values(column, _rows);

    private static byte[] ReadTable(string path)
    {
        try
        {
            CsvTable.CheckSize(new FileInfo(path).Length, path);
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"'{path}' cannot be read: {e.Message.Split('\n')[0]}", "Check the path and the permissions.", inner: e);
        }
    }
}
