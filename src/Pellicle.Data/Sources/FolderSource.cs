using Pellicle.Core.Errors;
using Pellicle.Data.Images;

namespace Pellicle.Data.Sources;

/// <summary>A folder with one subfolder per class. If all subfolders have names of splits (train, val, test), the classes are below these.</summary>
internal sealed class FolderSource : ImageSource
{
    private readonly List<(string Path, string Stamp)> _files = [];

    internal FolderSource(string path, DatasetOptions options, SourceKind kind = SourceKind.Folder)
        : base(options)
    {
        Kind = kind;
        if (options.PatientColumn is not null || options.LabelColumn is not null || options.AttributeColumns.Count > 0)
        {
            throw new UsageException($"columns were named, but '{path}' is a folder without a table", "Write a CSV file with the columns file, label and patient, and give it as csv:FILE.");
        }

        var items = new List<SourceItem>();
        int others = 0;
        try
        {
            DirectoryInfo[] folders = Visible(new DirectoryInfo(path));
            bool hasSplits = folders.Length > 0 && folders.All(f => SplitName.TryParse(f.Name, out _));
            foreach (DirectoryInfo outer in folders)
            {
                string? split = hasSplits && SplitName.TryParse(outer.Name, out string known) ? known : null;
                foreach (DirectoryInfo folder in hasSplits ? Visible(outer) : [outer])
                {
                    string prefix = hasSplits ? $"{outer.Name}/{folder.Name}" : folder.Name;
                    others += AddClass(folder, prefix, folder.Name, split, items);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"the folder '{path}' cannot be read: {e.Message.Split('\n')[0]}", "Check the path and the permissions.", inner: e);
        }

        if (items.Count == 0)
        {
            throw new DataFormatException(
                $"'{path}' has no pictures in subfolders; expected one subfolder per class with files {Expected}",
                "Sort the pictures into subfolders named after the classes, or give a table as csv:FILE.");
        }

        if (others > 0)
        {
            Warnings.Add($"{others} files with other extensions than {Expected} were left out");
        }

        Items = items;
        IsSynthetic = File.Exists(Path.Combine(path, "SYNTHETIC.txt"));
    }

    internal override SourceKind Kind { get; }

    internal override bool IsSynthetic { get; }

    internal override RawImage Read(int item, PixelScratch scratch) => DiskImages.Read(_files[item].Path, Items[item].File, Options, scratch);

    internal override byte[]? ReadFile(int item) => DiskImages.ReadFile(_files[item].Path, Items[item].File, Options);

    internal override string Stamp(int item) => _files[item].Stamp;

    private string Expected => Kind == SourceKind.Dicom ? ".dcm, .dicom or DICOM without extension" : string.Join(", ", ImageFile.Extensions);

    private bool IsTaken(FileInfo file) => (Kind, file.Extension.ToLowerInvariant()) switch
    {
        (SourceKind.Dicom, ".dcm" or ".dicom") => true,
        (SourceKind.Dicom, "") => DiskImages.LooksLikeDicom(file.FullName),
        (SourceKind.Dicom, _) => false,
        (_, var extension) => ImageFile.Extensions.Contains(extension),
    };

    private static DirectoryInfo[] Visible(DirectoryInfo folder) =>
        [.. folder.EnumerateDirectories().Where(d => d.Name[0] != '.').OrderBy(d => d.Name, StringComparer.Ordinal)];

    private int AddClass(DirectoryInfo folder, string prefix, string label, string? split, List<SourceItem> items)
    {
        int others = 0;
        foreach (FileInfo file in folder.EnumerateFiles().Where(f => f.Name[0] != '.').OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            if (IsTaken(file))
            {
                items.Add(new SourceItem($"{prefix}/{file.Name}", label, split, null, SourceItem.NoAttributes));
                _files.Add((file.FullName, $"{file.Length}:{file.LastWriteTimeUtc.Ticks:x}"));
            }
            else
            {
                others++;
            }
        }

        foreach (DirectoryInfo inner in Visible(folder))
        {
            if (inner.LinkTarget is not null)
            {
                Warnings.Add($"the link '{prefix}/{inner.Name}' was not followed");
                continue;
            }

            others += AddClass(inner, $"{prefix}/{inner.Name}", label, split, items);
        }

        return others;
    }
}
