using System.Globalization;
using System.IO.Compression;
using System.Text;
using Pellicle.Core.Files;
using Pellicle.Native;

namespace Pellicle.Data.Synthetic;

/// <summary>Writes a generated set in the layout of the image packs.</summary>
internal static class SyntheticPack
{
    private const int Batch = 256;

    // ZIP cannot hold earlier dates; a fixed one keeps equal options equal to the byte.
    private static readonly DateTimeOffset FixedTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Write(SyntheticSet set, string outPath, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        AtomicFile.Write(outPath, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            Add(zip, SyntheticImages.MarkerFile, Encoding.UTF8.GetBytes(Marker(set)));
            Add(zip, "labels.csv", Encoding.UTF8.GetBytes(Labels(set)));
            var encoded = new byte[Math.Min(Batch, set.Records.Count)][];
            for (int start = 0; start < set.Records.Count; start += Batch)
            {
                int count = Math.Min(Batch, set.Records.Count - start);
                int first = start;
                Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
                    encoded[i] = ImageCodec.EncodePng(set.Render(first + i), set.Options.ImageSize, set.Options.ImageSize, set.Channels));
                for (int i = 0; i < count; i++)
                {
                    Add(zip, set.Records[start + i].File, encoded[i]);
                }
            }
        });
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = FixedTime;
        using Stream stream = entry.Open();
        stream.Write(content);
    }

    private static string Marker(SyntheticSet set)
    {
        SyntheticOptions o = set.Options;
        return string.Create(CultureInfo.InvariantCulture, $"""
            {SyntheticImages.Notice}

            Procedural images made by the Pellicle privacy toolkit. No part comes from a person; nothing here is fit for clinical use.
            kind {o.Kind.ToString().ToLowerInvariant()}, images {o.Images}, size {o.ImageSize}, seed {o.Seed}, attribute strength {o.AttributeStrength}

            """);
    }

    private static string Labels(SyntheticSet set)
    {
        var text = new StringBuilder("file,split,label,source,sex,age,patient\n");
        foreach (SyntheticRecord r in set.Records)
        {
            text.Append(CultureInfo.InvariantCulture, $"{r.File},{r.Split},{set.Classes[r.Label]},{SyntheticRecord.Source},{r.Sex},{r.Age},{r.Patient}\n");
        }

        return text.ToString();
    }
}
