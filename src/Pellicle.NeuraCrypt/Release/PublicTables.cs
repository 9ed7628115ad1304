using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Data;
using Pellicle.Formats.Json;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>labels.csv and manifest.json of a public folder; the manifest comes last and makes the release whole.</summary>
internal static class PublicTables
{
    public const string LabelsFile = "labels.csv";

    private const long MostManifestBytes = 256L << 20;

    /// <summary>Time stamp of all public files: the real ones would tell when images were taken up.</summary>
    public static DateTime ConstantTime { get; } = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The content of labels.csv.</summary>
    public static byte[] LabelsOf(ImageDataset dataset, ReleaseMap map, PublishedLabels labels)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using (var csv = new CsvWriter(text, CultureInfo.InvariantCulture))
        {
            Row(csv, labels.AreWritten ? ["id", "split", "label"] : ["id", "split"]);
            foreach (ReleaseMapEntry entry in map.Entries)
            {
                ImageRecord record = dataset.Records[entry.Record];
                Row(csv, labels.AreWritten ? [entry.Id, record.Split, labels.Of(record.Label)] : [entry.Id, record.Split]);
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static void Write(string folder, byte[] labels, EncodedManifest manifest)
    {
        Put(folder, LabelsFile, labels);
        Put(folder, EncodedManifest.FileName, JsonSerializer.SerializeToUtf8Bytes(manifest, PellicleJson.Indented));
    }

    /// <summary>Files that are missing or are not those of the manifest: encodings, scale, labels.</summary>
    /// <returns>Relative paths, as they are looked at.</returns>
    public static IEnumerable<string> Changed(string folder, EncodedManifest manifest)
    {
        IEnumerable<(string File, string Sha256)> files = manifest.Shards.Append(manifest.Scale).OfType<EncodedShard>().Select(shard => (shard.File, shard.Sha256));
        return files.Concat(manifest.LabelsSha256 is { } labels ? [(LabelsFile, labels)] : []).Where(file => !FileHash.Matches(Path.Combine(folder, file.File), file.Sha256)).Select(file => file.File);
    }

    /// <summary>Reads the manifest of a public folder.</summary>
    /// <exception cref="DataFormatException">Missing or damaged.</exception>
    public static EncodedManifest ReadManifest(string folder)
    {
        string path = Path.Combine(folder, EncodedManifest.FileName);
        try
        {
            EncodedManifest? manifest = new FileInfo(path).Length <= MostManifestBytes ? JsonSerializer.Deserialize<EncodedManifest>(File.ReadAllBytes(path), PellicleJson.Indented) : null;
            return manifest is { Format: EncodedManifest.FormatName, Version: 1, Shape.Count: 2 } && manifest.Shards.All(s => IsInside(s.File)) && (manifest.Scale is null || IsInside(manifest.Scale.File)) && manifest.Shards.Sum(s => (long)s.Count) == manifest.Count
                ? manifest
                : throw new DataFormatException($"'{path}' is no manifest of an encoded release.", "Give the public folder of 'encode run'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DataFormatException($"'{path}' cannot be read: {e.Message.Split('\n')[0]}", "Give the public folder of 'encode run'; a folder without manifest is unfinished.", inner: e);
        }
    }

    private static bool IsInside(string file) => file.Length > 0 && !Path.IsPathRooted(file) && !file.Split('/', '\\').Contains("..");

    private static void Row(CsvWriter csv, string[] fields)
    {
        foreach (string field in fields)
        {
            csv.WriteField(field);
        }

        csv.NextRecord();
    }

    private static void Put(string folder, string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        AtomicFile.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, ConstantTime);
    }
}
