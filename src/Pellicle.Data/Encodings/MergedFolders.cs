using Pellicle.Core.Errors;
using Pellicle.Core.Files;

namespace Pellicle.Data.Encodings;

/// <summary>The folders behind a source of encodings: one release, or several that <c>encode merge</c> listed.</summary>
public static class MergedFolders
{
    /// <summary>Value of the field <c>format</c> of the manifest of merged releases.</summary>
    public const string Format = "pellicle-encoded-merged";

    /// <summary>Finds them.</summary>
    /// <param name="folder">A public folder, or the folder of a merge.</param>
    /// <returns>Name of the hospital and absolute path of each release; for a single release no name, and the folder as given.</returns>
    /// <exception cref="DataFormatException">Damaged, or a manifest is another one than when the releases were merged.</exception>
    public static IReadOnlyList<(string? Name, string Folder)> Of(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(folder, EncodedIndex.FileName);
        MergedIndex index = EncodedIndex.Parse<MergedIndex>(path);
        if (index.Format != Format)
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
        return FileHash.Matches(Path.Combine(place, EncodedIndex.FileName), source.ManifestSha256)
            ? place
            : throw new DataFormatException($"the release of '{source.Name}' at '{place}' is missing or is not the one that was merged (SHA-256 of its manifest differs).", "Restore it, or merge again with 'encode merge'.");
    }

    /// <summary>The manifest of merged releases: where each hospital's public folder is and what its manifest was when it was checked.</summary>
    private sealed record MergedIndex
    {
        public string Format { get; init; } = MergedFolders.Format;

        public int Version { get; init; } = 1;

        public IReadOnlyList<MergedSource> Sources { get; init; } = [];
    }

    /// <summary>One hospital of a merge.</summary>
    /// <param name="Name">Of the hospital.</param>
    /// <param name="Folder">Its public folder, relative to the merge.</param>
    /// <param name="ManifestSha256">Hex.</param>
    private sealed record MergedSource(string Name, string Folder, string ManifestSha256);
}
