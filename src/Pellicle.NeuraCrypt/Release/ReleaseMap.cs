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
    public const string FileName = "map.sealed.json";

    private static readonly byte[] Associated = Encoding.ASCII.GetBytes("pellicle-release-map/v1");

    /// <summary>Random ids of 128 bits for records; sorting by id hides the order of the source.</summary>
    public static ReleaseMap Draw(string settings, IReadOnlyList<(int Record, string File)> records, int batch, ISecureRandom random)
    {
        return new ReleaseMap(settings, [.. records.Select(r => new ReleaseMapEntry(NewId(random), r.Record, r.File)).OrderBy(entry => entry.Id, StringComparer.Ordinal)], batch);
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
internal sealed record ReleaseMapEntry(string Id, int Record, string File);
