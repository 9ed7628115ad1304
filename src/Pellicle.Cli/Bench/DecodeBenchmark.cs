using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Native;

namespace Pellicle.Cli.Bench;

/// <summary>How many pictures a second are read, decoded and resized to 64x64?</summary>
internal static class DecodeBenchmark
{
    private const int MostPictures = 2000;
    private const int Batch = 64;
    private const int Side = 64;

    /// <summary>Measures.</summary>
    /// <param name="source">Pictures; null makes 256 procedural JPEG files of 200x150 in a temporary folder.</param>
    /// <param name="threads">Threads that decode.</param>
    /// <param name="runs">Timed passes.</param>
    /// <exception cref="PellicleException">The source cannot be read, or has too few pictures.</exception>
    public static IReadOnlyList<BenchCase> Run(string? source, int threads, int runs)
    {
        if (source is not null)
        {
            return [Measure("decode given", source, threads, runs)];
        }

        string folder = Directory.CreateTempSubdirectory("pellicle-bench-").FullName;
        try
        {
            WritePictures(folder, 256);
            return [Measure("decode jpeg-200x150", "folder:" + folder, threads, runs)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static BenchCase Measure(string name, string source, int threads, int runs)
    {
        using ImageDataset dataset = ImageDataset.Open(source);
        int count = Math.Min(dataset.Records.Count, MostPictures) / Batch * Batch;
        if (count == 0)
        {
            throw new UsageException($"{source} has {dataset.Records.Count} pictures; expected at least {Batch}.", "Give a larger source with --data, or leave it out.");
        }

        int[] records = [.. Enumerable.Range(0, count)];
        var buffer = new float[Batch * 3 * Side * Side];
        BenchCase row = RepeatedRun.Measure(name, count, threads, runs, () =>
        {
            using var loader = new ImageLoader(dataset, ImageTransform.Centred(Side, 3), new LoaderOptions { Threads = threads, CacheBytes = 0 });
            for (int i = 0; i < count; i += Batch)
            {
                loader.Prefetch(records[Math.Min(count, i + Batch)..Math.Min(count, i + (2 * Batch))]);
                loader.Fill(records.AsSpan(i, Batch), buffer);
            }
        });
        return row.With("imagesPerSecond", count / row.MedianSeconds);
    }

    // Smooth colours with some grain: files of a size that photographs of this extent have.
    private static void WritePictures(string folder, int count)
    {
        const int width = 200;
        const int height = 150;
        var random = new SeededRandom(1);
        var samples = new byte[width * height * 3];
        for (int picture = 0; picture < count; picture++)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                double wave = Math.Sin(((i / 3 % width) + (10 * picture)) * 0.05) + Math.Cos(i / (3 * width) * 0.07 * (1 + (i % 3)));
                samples[i] = (byte)Math.Clamp(128 + (40 * wave) + random.NextInt(17) - 8, 0, 255);
            }

            // A source has at least two classes.
            string ofClass = Directory.CreateDirectory(Path.Combine(folder, picture % 2 == 0 ? "even" : "odd")).FullName;
            File.WriteAllBytes(Path.Combine(ofClass, $"{picture:D4}.jpg"), ImageCodec.EncodeJpeg(samples, width, height, 3));
        }
    }
}
