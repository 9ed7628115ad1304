using Pellicle.Data.Images;

namespace Pellicle.Data.Sources;

/// <summary>Image files that a table names, below one root folder.</summary>
/// <remarks>A table from elsewhere must not make the program open files anywhere on the disk, so absolute names are accepted only below a
/// root that the user gave. The check is on names: links below the root are followed.</remarks>
internal sealed class LocatedFiles
{
    private readonly string _root;
    private readonly DatasetOptions _options;
    private readonly List<(string Path, string Stamp)> _files = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    /// <param name="table">Path of the table.</param>
    /// <param name="options">May name another root.</param>
    internal LocatedFiles(string table, DatasetOptions options)
    {
        _options = options;
        _root = Path.TrimEndingDirectorySeparator(options.ImageRoot is null ? Path.GetDirectoryName(Path.GetFullPath(table))! : Path.GetFullPath(options.ImageRoot));
    }

    internal bool HasSyntheticMark => File.Exists(Path.Combine(_root, "SYNTHETIC.txt"));

    /// <summary>Checks a name and remembers where it is; gives null, or what is wrong and the remedy.</summary>
    internal (string Message, string Hint)? Locate(string file)
    {
        if (Path.IsPathRooted(file) && _options.ImageRoot is null)
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
        if (!info.Exists && _options.TakesOtherExtensions && Candidates(full).FirstOrDefault(File.Exists) is { } other)
        {
            info = new FileInfo(full = other);
        }

        if (!info.Exists)
        {
            return ($"'{file}' does not exist", $"Paths are relative to {(_options.ImageRoot is null ? "the folder of the table" : "the given root of the images")}; check upper and lower case.");
        }

        if (!_paths.Add(full))
        {
            return ($"'{file}' is a file that is listed before under another spelling", "Delete one of the lines: an image may occur once, otherwise it counts twice in the privacy analysis.");
        }

        _files.Add((full, $"{info.Length}:{info.LastWriteTimeUtc.Ticks:x}"));
        return null;
    }

    // A tool that writes JPEG as PNG keeps the old extension in the name where a PNG of that name was there before.
    private static IEnumerable<string> Candidates(string file) =>
        [file + ".png", file + ".jpg", .. new[] { ".png", ".jpg", ".jpeg" }.Select(extension => Path.ChangeExtension(file, extension))];

    internal RawImage Read(int item, string name, PixelScratch scratch) => DiskImages.Read(_files[item].Path, name, _options, scratch);

    internal byte[] ReadFile(int item, string name) => DiskImages.ReadFile(_files[item].Path, name, _options);

    internal string Stamp(int item) => _files[item].Stamp;
}
