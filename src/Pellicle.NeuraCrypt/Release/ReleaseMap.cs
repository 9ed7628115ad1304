using System.Text;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Formats.Json;
using Pellicle.NeuraCrypt.Keys;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Which opaque id is which file: sealed under a key of its own, kept in the secret folder, never beside the encodings.</summary>
/// <param name="Settings">Everything that decides the files; a rerun with the same settings goes on, another one is refused.</param>
/// <param name="Entries">In the order of the release: ids ascending.</param>
/// <param name="BatchImages">Images encoded together, in this order and anew in each shard; matters in batch mode.</param>
internal sealed record ReleaseMap(string Settings, IReadOnlyList<ReleaseMapEntry> Entries, int BatchImages)
{
    /// <summary>Pictures that could not be read, and so have no entry.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; init; } = [];

    public const string FileName = "map.sealed.json";

    private static readonly byte[] Associated = Encoding.ASCII.GetBytes("pellicle-release-map/v1");

    /// <summary>Random ids of 128 bits for records and mixtures; sorting by id hides the order of the source, and which are mixtures.</summary>
    public static ReleaseMap Draw(string settings, IReadOnlyList<(int Record, string File)> records, IReadOnlyList<PictureMixture> mixtures, int batch, ISecureRandom random)
    {
        return new ReleaseMap(
            settings,
            [.. records.Select(r => new ReleaseMapEntry(NewId(random), r.Record, r.File)).Concat(mixtures.Select(m => new ReleaseMapEntry(NewId(random), m.First, "padding") { Mixture = m })).OrderBy(entry => entry.Id, StringComparer.Ordinal)],
            batch);
    }

    /// <summary>The map without pictures that turned out to be unreadable, and without mixtures of them.</summary>
    public ReleaseMap Without(IReadOnlyList<(int Record, SkippedImage Image)> unreadable)
    {
        HashSet<int> gone = [.. unreadable.Select(u => u.Record)];
        return this with
        {
            Entries = [.. Entries.Where(e => !gone.Contains(e.Record) && !(e.Mixture is { } m && gone.Contains(m.Second)))],
            Skipped = [.. Skipped, .. unreadable.Select(u => u.Image)],
        };
    }

    /// <summary>128 random bits in hex.</summary>
    public static string NewId(ISecureRandom random)
    {
        Span<byte> id = stackalloc byte[16];
        random.Fill(id);
        return Convert.ToHexStringLower(id);
    }

    public void Save(string folder, EncoderKey key, ISecureRandom random)
    {
        using SecretBytes sealing = key.Subkey("release-map/v1");
        SealedBox box = SealedBox.Seal(JsonSerializer.SerializeToUtf8Bytes(this, PellicleJson.Line), sealing, Associated, random);
        AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, box, PellicleJson.Indented), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>The map of a folder, or null if there is none.</summary>
    /// <exception cref="DataFormatException">Sealed under another key, or changed.</exception>
    public static ReleaseMap? Read(string folder, EncoderKey key)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using SecretBytes sealing = key.Subkey("release-map/v1");
            SealedBox box = JsonSerializer.Deserialize<SealedBox>(File.ReadAllBytes(path), PellicleJson.Indented) ?? throw new JsonException("empty");
            using SecretBytes content = box.Open(sealing, Associated, path);
            return JsonSerializer.Deserialize<ReleaseMap>(content.Span, PellicleJson.Line);
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"'{path}' is no sealed map.", "Give another --secret folder.", inner: e);
        }
    }

    /// <summary>Counts only.</summary>
    public override string ToString() => $"ReleaseMap ({Entries.Count} images)";
}

/// <summary>One image of a release.</summary>
/// <param name="Id">Opaque.</param>
/// <param name="Record">Place in the source.</param>
/// <param name="File">Name in the source.</param>
internal sealed record ReleaseMapEntry(string Id, int Record, string File)
{
    /// <summary>Set for padding: <see cref="Record"/> is then the first picture of the mixture.</summary>
    public PictureMixture? Mixture { get; init; }
}

/// <summary>(1 − share)·first + share·second, pixel by pixel.</summary>
/// <param name="First">Place in the source.</param>
/// <param name="Second">Place in the source, of the same class.</param>
/// <param name="Share">In (0, 1).</param>
internal sealed record PictureMixture(int First, int Second, float Share);
