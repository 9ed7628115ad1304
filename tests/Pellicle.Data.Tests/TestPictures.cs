using System.IO.Compression;
using Pellicle.Core.Random;
using Pellicle.Native;

namespace Pellicle.Data.Tests;

/// <summary>Small pictures and archives made on the spot.</summary>
internal static class TestPictures
{
    /// <summary>A smooth colour ramp with a seed-dependent tint: JPEG keeps it nearly unchanged.</summary>
    internal static byte[] Ramp(int width, int height, int channels, int seed = 0)
    {
        var samples = new byte[width * height * channels];
        for (int i = 0; i < samples.Length; i++)
        {
            int pixel = i / channels;
            samples[i] = (byte)((pixel % width * 255 / width + pixel / width * (60 + 40 * (i % channels)) / height + seed * 37) / 2 % 256);
        }

        return samples;
    }

    internal static byte[] Noise(int width, int height, int channels, ulong seed)
    {
        var random = new SeededRandom(seed);
        var samples = new byte[width * height * channels];
        foreach (ref byte s in samples.AsSpan())
        {
            s = (byte)random.NextInt(256);
        }

        return samples;
    }

    internal static byte[] Png(int width = 12, int height = 10, int channels = 3, int seed = 0) => ImageCodec.EncodePng(Ramp(width, height, channels, seed), width, height, channels);

    internal static byte[] Jpeg(int width = 12, int height = 10, int channels = 3, int seed = 0) => ImageCodec.EncodeJpeg(Ramp(width, height, channels, seed), width, height, channels);

    /// <summary>A pack with labels.csv and the given images.</summary>
    internal static byte[] Pack(string csv, IEnumerable<(string Name, byte[] Content)> files, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files.Prepend(("labels.csv", System.Text.Encoding.UTF8.GetBytes(csv))))
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return memory.ToArray();
    }

    /// <summary>A pack of n images, classes a and b in turn, every fifth in "test".</summary>
    internal static byte[] Pack(int n, CompressionLevel level = CompressionLevel.NoCompression)
    {
        string csv = "file,split,label,patient,sex\n";
        var files = new List<(string, byte[])>();
        for (int i = 0; i < n; i++)
        {
            string split = i % 5 == 4 ? "test" : "train";
            string file = $"images/{split}/{(i % 2 == 0 ? "a" : "b")}/{i:d3}.{(i % 3 == 0 ? "png" : "jpg")}";
            csv += $"{file},{split},{(i % 2 == 0 ? "a" : "b")},{split}-{i / 10},{(i % 4 < 2 ? "f" : "m")}\n";
            files.Add((file, i % 3 == 0 ? Png(12, 10, 3, i) : Jpeg(20, 16, 3, i)));
        }

        return Pack(csv, files, level);
    }
}
