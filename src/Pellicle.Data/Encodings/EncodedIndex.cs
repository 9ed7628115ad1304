using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;

namespace Pellicle.Data.Encodings;

/// <summary>What training needs of the manifest of an encoded release: the other fields, such as audit and signature, are for people and for <c>encode verify</c>.</summary>
internal sealed record EncodedIndex
{
    /// <summary>Name of the file in a public folder.</summary>
    internal const string FileName = "manifest.json";

    /// <summary><see cref="Format"/> of one release.</summary>
    internal const string ReleaseFormat = "pellicle-encoded";

    private const long MostBytes = 256L << 20;
    private const long MostNumbers = 1L << 28;

    public string Format { get; init; } = "";

    public int Version { get; init; }

    public string KeyId { get; init; } = "";

    public int Count { get; init; }

    public IReadOnlyList<int> Shape { get; init; } = [];

    public string Dtype { get; init; } = "";

    public IReadOnlyList<EncodedFile> Shards { get; init; } = [];

    public EncodedFile? Scale { get; init; }

    public string? LabelsSha256 { get; init; }

    public EncodedPictures? Preprocessing { get; init; }

    public EncodedFamily? ArchitecturePublic { get; init; }

    public bool IsSynthetic { get; init; }

    /// <summary>True if a folder holds a release or several merged ones, and not data that <c>data prepare</c> wrote.</summary>
    internal static bool IsIn(string folder)
    {
        try
        {
            string path = Path.Combine(folder, FileName);
            return File.Exists(path) && new FileInfo(path).Length <= MostBytes
                && JsonSerializer.Deserialize<EncodedIndex>(File.ReadAllBytes(path), PellicleJson.Indented)?.Format is ReleaseFormat or MergedFolders.Format;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="DataFormatException">Missing, damaged, of another kind, or with sizes that cannot be.</exception>
    internal static EncodedIndex Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        EncodedIndex index = Parse<EncodedIndex>(path);
        string? fault =
            index.Format != ReleaseFormat || index.Version != 1 ? $"its format is '{index.Format}' version {index.Version}; expected '{ReleaseFormat}' version 1"
            : index.Shape.Count != 2 || index.Shape.Any(s => s < 1) || (long)index.Shape[0] * index.Shape[1] > MostNumbers ? $"its shape is [{string.Join(", ", index.Shape)}]; expected [patches, hidden] with at most {MostNumbers} numbers"
            : index.Dtype is not ("f32" or "f16" or "bf16" or "int8") ? $"its dtype is '{index.Dtype}'; expected f32, f16, bf16 or int8"
            : index.Dtype == "int8" && index.Scale is null ? "it has the dtype int8 and no scale"
            : index.Shards.Append(index.Scale).OfType<EncodedFile>().FirstOrDefault(s => !IsInside(s.File) || s.Count < 0) is { } bad ? $"it names the file '{bad.File}', which is not inside the folder"
            : index.Count < 1 || index.Shards.Sum(s => (long)s.Count) != index.Count ? $"its files hold {index.Shards.Sum(s => (long)s.Count)} encodings, its count is {index.Count}"
            : index.Preprocessing is not { ImageSize: >= 1 and <= 4096, Channels: 1 or 3 } ? "it does not say what pictures were encoded"
            : null;
        return fault is null ? index : throw new DataFormatException($"'{path}' is no usable manifest: {fault}.", "Give the public folder of 'encode run'.");
    }

    /// <summary>Reads a JSON file of a public folder.</summary>
    /// <exception cref="DataFormatException">Missing, too large, or not JSON of this form.</exception>
    internal static T Parse<T>(string path)
        where T : class
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes && JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), PellicleJson.Indented) is { } read
                ? read
                : throw new DataFormatException($"'{path}' is empty or larger than {MostBytes} bytes.", "Give the public folder of 'encode run'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DataFormatException($"'{path}' cannot be read: {e.Message.Split('\n')[0]}", "Give the public folder of 'encode run'; a folder without manifest is unfinished.", inner: e);
        }
    }

    private static bool IsInside(string file) => file.Length > 0 && !Path.IsPathRooted(file) && !file.Split('/', '\\').Contains("..");
}

/// <summary>A file that a manifest names.</summary>
/// <param name="File">Relative path with forward slashes.</param>
/// <param name="Sha256">Hex.</param>
/// <param name="Count">Encodings in it.</param>
internal sealed record EncodedFile(string File, string Sha256, int Count);

/// <summary>The pictures that were encoded.</summary>
/// <param name="ImageSize">Side in pixels.</param>
/// <param name="Channels">1 or 3.</param>
internal sealed record EncodedPictures(int ImageSize, int Channels);

/// <summary>The family of the encoder.</summary>
/// <param name="Kind">conv or linear.</param>
internal sealed record EncodedFamily(string Kind);
