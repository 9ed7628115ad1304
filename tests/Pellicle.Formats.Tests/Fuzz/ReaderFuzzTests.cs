using System.IO.Compression;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Idx;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;
using Pellicle.Formats.Tests.Zip;
using Pellicle.Formats.Zip;

namespace Pellicle.Formats.Tests.Fuzz;

/// <summary>Damaged files end in a <see cref="PellicleException"/> or are read; nothing else comes out, and no file takes more memory than its size allows.</summary>
public sealed class ReaderFuzzTests
{
    // A fixed number of cases with a fixed seed: the same cases on every machine, well under a second per reader.
    private const int Cases = 2500;

    // Samples are below 100 KB. Deflate may expand that by 1032; everything else stays in proportion to the file.
    private const long MaxAllocatedBytes = 256L << 20;

    [Fact]
    public void Damaged_safetensors_end_in_a_format_error_and_take_little_memory()
    {
        string path = Path.GetTempFileName();
        SafetensorsFile.Write(
            path,
            [NamedArray.Of("layer.weight", [4, 5], new float[20]), NamedArray.Of("step", [1], new long[] { 3 }), NamedArray.Of("half", [3], new Half[3]), NamedArray.OfBFloat16("b", [2], new ushort[2])],
            new Dictionary<string, string> { ["format"] = "pt" });
        byte[] valid = File.ReadAllBytes(path);
        File.Delete(path);

        Fuzz("safetensors", valid, source =>
        {
            using SafetensorsFile file = SafetensorsFile.Read(source);
            foreach (string name in file.Entries.Keys)
            {
                file.ReadBytes(name);
                if (file.Entries[name].DType is "F32" or "F16" or "BF16" or "F64")
                {
                    file.ReadFloats(name);
                }
            }
        });
    }

    [Fact]
    public void Damaged_npy_files_end_in_a_format_error_and_take_little_memory()
    {
        foreach (bool isFortran in new[] { false, true })
        {
            using var stream = new MemoryStream();
            NpyFile.WriteTo(stream, NpyArray.From<float>(new float[60], [3, 4, 5]), new NpyLayout { IsFortranOrder = isFortran, IsBigEndian = isFortran, Version = isFortran ? 2 : 1 });
            Fuzz("npy", stream.ToArray(), source =>
            {
                NpyArray array = NpyFile.Read(source);
                array.ToFloats();
                array.RequireFinite();
            });
        }
    }

    [Fact]
    public void Damaged_idx_files_end_in_a_format_error_and_take_little_memory()
    {
        byte[] valid = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, .. new byte[60]];
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(valid);
        }

        Fuzz("idx", valid, source => IdxFile.Read(source));
        Fuzz("idx.gz", packed.ToArray(), source => IdxFile.Read(source));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_archives_end_in_a_format_error_and_take_little_memory(bool isStored)
    {
        using var stream = new MemoryStream();
        NpyFile.WriteTo(stream, NpyArray.From<double>(new double[300], [300]));
        byte[] valid = ZipSamples.Make(isStored, ("images/a.npy", stream.ToArray()), ("labels.csv", new byte[50]), ("b.npy", stream.ToArray()));

        Fuzz("zip", valid, source =>
        {
            using ZipEntries zip = ZipEntries.Open(source);
            Parse(() => zip.Entries.ToList().ForEach(entry => zip.Read(entry)));
            Parse(() => zip.Entries.ToList().ForEach(entry => zip.ReadStart(entry, 100)));
        });
        Fuzz("npz", valid, source =>
        {
            using NpzArchive npz = NpzArchive.Open(source);
            foreach (string name in npz.Names)
            {
                Parse(() => npz.ReadHeader(name));
                Parse(() => npz.Read(name));
            }
        });
    }

    [Fact]
    public void Random_bytes_are_refused_by_every_reader()
    {
        var random = new SeededRandom(5);
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[random.NextInt(300)];
            bytes.AsSpan().Fill((byte)random.NextInt(256));
            for (int k = 0; k < bytes.Length / 3; k++)
            {
                bytes[random.NextInt(bytes.Length)] = (byte)random.NextInt(256);
            }

            ByteSource source = ByteSource.FromMemory(bytes, "noise");
            Assert.Throws<DataFormatException>(() => SafetensorsFile.Read(source));
            Assert.Throws<DataFormatException>(() => NpyFile.Read(source));
            Assert.Throws<DataFormatException>(() => IdxFile.Read(source));
            Assert.Throws<DataFormatException>(() => ZipEntries.Open(source));
        }
    }

    private static void Fuzz(string kind, byte[] valid, Action<ByteSource> read)
    {
        read(ByteSource.FromMemory(valid, kind)); // the sample itself is good
        var root = new SeededRandom(20);
        int refused = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] bytes = Mutation.Of(valid, root.Derive(kind, (ulong)i));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                refused += Parse(() => read(ByteSource.FromMemory(bytes, kind))) ? 0 : 1;
            }
            catch (Exception e)
            {
                Assert.Fail($"{kind}, case {i}: {e.GetType().Name} came out: {e}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MaxAllocatedBytes, $"{kind}, case {i}: {allocated} bytes allocated for a file of {bytes.Length}");
        }

        Assert.True(refused > Cases / 4, $"only {refused} of {Cases} damaged files were refused: the damage is too mild to test anything");
    }

    /// <summary>True if the reader accepted the input; a format error is the other proper outcome.</summary>
    private static bool Parse(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (DataFormatException e)
        {
            Assert.NotEmpty(e.Hint);
            return false;
        }
    }
}
