using System.Text.RegularExpressions;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Idx;
using Pellicle.Formats.Zip;

namespace Pellicle.Data.Sources;

/// <summary>Opens the files of MNIST (train-images-idx3-ubyte and so on, also as .gz) in a folder or a ZIP.</summary>
internal static partial class IdxSource
{
    internal static bool IsIn(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder).Any(f => FileName().IsMatch(Path.GetFileName(f)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"the folder '{folder}' cannot be read: {e.Message.Split('\n')[0]}", "Check the path and the permissions.", inner: e);
        }
    }

    internal static bool IsIn(ZipEntries zip) => zip.Entries.Any(e => FileName().IsMatch(e.Name));

    internal static ArraySource Open(string path, DatasetOptions options)
    {
        if (Directory.Exists(path))
        {
            string[] files = [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)];
            return Open(path, files, file => IdxFile.Read(file), options);
        }

        using var zip = ZipEntries.Open(path);
        return Open(path, [.. zip.Entries.Select(e => e.Name)], Read, options);

        IdxArray Read(string name)
        {
            using ByteSource source = ByteSource.FromMemory(zip.Read(name), $"{path}!{name}");
            return IdxFile.Read(source);
        }
    }

    private static ArraySource Open(string path, IReadOnlyList<string> names, Func<string, IdxArray> read, DatasetOptions options)
    {
        var blocks = new List<ArrayBlock>();
        foreach (string part in new[] { "train", "t10k" })
        {
            string? images = Find(names, part, "images");
            string? labels = Find(names, part, "labels");
            if (images is null && labels is null)
            {
                continue;
            }

            if (images is null || labels is null)
            {
                throw new DataFormatException($"'{path}' has {images ?? labels} without {part}-{(images is null ? "images-idx3" : "labels-idx1")}-ubyte", "Add the missing file.");
            }

            blocks.Add(Block(part, read(images), read(labels), options));
        }

        return blocks.Count > 0
            ? new ArraySource(SourceKind.Idx, blocks, options)
            : throw new DataFormatException($"'{path}' has no IDX files; expected train-images-idx3-ubyte, train-labels-idx1-ubyte and the same with t10k", "Give the folder or ZIP that holds the files of MNIST.");
    }

    private static ArrayBlock Block(string part, IdxArray images, IdxArray labels, DatasetOptions options)
    {
        if (!images.IsImages || labels.IsImages)
        {
            throw new DataFormatException($"{(images.IsImages ? labels : images).Name} has {(images.IsImages ? 3 : 1)} dimensions; expected 3 for pictures and 1 for labels", "Check that the files were not exchanged.");
        }

        if (images.Count != labels.Count)
        {
            throw new DataFormatException($"{images.Name} has {images.Count} pictures, {labels.Name} {labels.Count} labels", "Take both files from the same data.");
        }

        (int height, int width) = ArrayBlock.CheckSize(images.Name, images.Shape[1], images.Shape[2], options);
        long[] values = Array.ConvertAll(labels.Bytes.ToArray(), b => (long)b);
        return new ArrayBlock($"{part}-images", part == "train" ? SplitName.Train : SplitName.Test, height, width, 1, images.Bytes, default, values);
    }

    private static string? Find(IReadOnlyList<string> names, string part, string content) =>
        names.FirstOrDefault(n => FileName().Match(n) is { Success: true } m && (m.Groups[1].Value == "test" ? "t10k" : m.Groups[1].Value) == part && m.Groups[2].Value == content);

    [GeneratedRegex(@"(?:^|/)(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(?:\.gz)?$")]
    private static partial Regex FileName();
}
