using Pellicle.Core.Errors;

namespace Pellicle.Data.Encodings;

/// <summary>The manifest of merged releases: where each hospital's public folder is and what its manifest was when it was checked.</summary>
internal sealed record MergedIndex
{
    /// <summary><see cref="Format"/> of merged releases.</summary>
    internal const string MergedFormat = "pellicle-encoded-merged";

    public string Format { get; init; } = MergedFormat;

    public int Version { get; init; } = 1;

    public IReadOnlyList<MergedSource> Sources { get; init; } = [];

    /// <summary>Reads a merge.</summary>
    /// <returns>Name and folder of each source; one without name for a single release.</returns>
    /// <exception cref="DataFormatException">Damaged, or a manifest is another one than when the sources were merged.</exception>
    internal static IReadOnlyList<(string? Name, string Folder)> Folders(string folder)
    {
        string path = Path.Combine(folder, EncodedIndex.FileName);
        MergedIndex index = EncodedIndex.Parse<MergedIndex>(path);
        if (index.Format != MergedFormat)
        {
            return [(null, folder)];
        }

        if (index.Version != 1 || index.Sources.Count < 1 || index.Sources.Select(s => s.Name).Distinct().Count() != index.Sources.Count || index.Sources.Any(s => string.IsNullOrEmpty(s.Name) || string.IsNullOrEmpty(s.Folder)))
        {
            throw new DataFormatException($"'{path}' is no usable list of merged releases.", "Merge them again with 'encode merge'.");
        }

        return [.. index.Sources.Select(source => (source.Name, FolderOf(folder, source)))];
    }

    private static string FolderOf(string folder, MergedSource source)
    {
        string place = Path.GetFullPath(Path.Combine(folder, source.Folder));
        return File.Exists(Path.Combine(place, EncodedIndex.FileName)) && EncodedIndex.HashOf(place) == source.ManifestSha256
            ? place
            : throw new DataFormatException($"the release of '{source.Name}' at '{place}' is missing or is not the one that was merged (SHA-256 of its manifest differs).", "Restore it, or merge again with 'encode merge'.");
    }
}

/// <summary>One hospital of a merge.</summary>
/// <param name="Name">Of the hospital.</param>
/// <param name="Folder">Its public folder, relative to the merge.</param>
/// <param name="ManifestSha256">Hex.</param>
internal sealed record MergedSource(string Name, string Folder, string ManifestSha256);
