using Pellicle.Core.Errors;
using Pellicle.Data.Images;

namespace Pellicle.Data.Sources;

/// <summary>A CSV file that names image files. Names are relative to its folder, or to <see cref="DatasetOptions.ImageRoot"/>, and must stay below it.</summary>
/// <remarks>A table from elsewhere must not make the program open files anywhere on the disk, so absolute names are accepted only below a
/// root that the user gave. The check is on names: links below the root are followed.</remarks>
internal sealed class CsvSource : ImageSource
{
    private readonly string _root;
    private readonly LabelTable _table;
    private readonly List<int> _rows;
    private readonly List<(string Path, string Stamp)> _files = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    internal CsvSource(string path, DatasetOptions options)
        : base(options)
    {
        string full = Path.GetFullPath(path);
        _root = Path.TrimEndingDirectorySeparator(options.ImageRoot is null ? Path.GetDirectoryName(full)! : Path.GetFullPath(options.ImageRoot));
        CsvTable table = CsvTable.Parse(ReadTable(path), path);
        _table = new LabelTable(table, options, Problems);
        Columns = table.Columns;
        PatientColumn = _table.PatientColumn;
        Items = _table.Items(Problems, Locate, out _rows);
        IsSynthetic = File.Exists(Path.Combine(_root, "SYNTHETIC.txt"));
    }

    internal override SourceKind Kind => SourceKind.Csv;

    internal override bool IsSynthetic { get; }

    internal override RawImage Read(int item, PixelScratch scratch) => DiskImages.Read(_files[item].Path, Items[item].File, Options, scratch);

    internal override string Stamp(int item) => _files[item].Stamp;

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

    private (string Message, string Hint)? Locate(string file)
    {
        if (Path.IsPathRooted(file) && Options.ImageRoot is null)
        {
            return ($"'{file}' is an absolute path; expected a path relative to the table", "Write paths relative to the folder of the table, with the images below it.");
        }

        string full;
        try
        {
            full = Path.GetFullPath(file, _root);
        }
        catch (ArgumentException)
        {
            return ($"'{file}' is not a usable path", "Correct the file name.");
        }

        if (!full.StartsWith(_root.EndsWith(Path.DirectorySeparatorChar) ? _root : _root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return ($"'{file}' leads out of the folder of the images", "Move the images below the folder of the table, or the table above the images.");
        }

        var info = new FileInfo(full);
        if (!info.Exists)
        {
            return ($"'{file}' does not exist", $"Paths are relative to {(Options.ImageRoot is null ? "the folder of the table" : "the given root of the images")}; check upper and lower case.");
        }

        if (!_paths.Add(full))
        {
            return ($"'{file}' is a file that is listed before under another spelling", "Delete one of the lines: an image may occur once, otherwise it counts twice in the privacy analysis.");
        }

        _files.Add((full, $"{info.Length}:{info.LastWriteTimeUtc.Ticks:x}"));
        return null;
    }
}
