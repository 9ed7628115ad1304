using System.IO.Compression;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data.Inspection;
using Pellicle.Data.Tests.Sources;
using Pellicle.Formats.Npy;

namespace Pellicle.Data.Tests.Faults;

/// <summary>Damaged sources: every open and read ends in data or in a <see cref="PellicleException"/>, never in another exception.</summary>
[Trait(Speed.Trait, Speed.Slow)]
public sealed class SourceFuzzTests : IDisposable
{
    private const int Rounds = 300;
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Damaged_packs(CompressionLevel level) => Run("p.zip", TestPictures.Pack(6, level), "pack:");

    [Fact]
    public void Damaged_tables()
    {
        _folder.Write("0.png", TestPictures.Png(4, 4, 1));
        _folder.Write("1.png", TestPictures.Png(4, 4, 1));
        Run("t.csv", "file,label,split,patient\n0.png,a,train,\"p, 1\"\n1.png,b,test,p2\n"u8.ToArray(), "csv:");
    }

    [Fact]
    public void Damaged_numpy_archives()
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, NpyArray array) in new[] { ("train_images", NpyArray.From<float>(new float[32], [2, 4, 4])), ("train_labels", NpyArray.From<byte>([0, 1], [2, 1])) })
            {
                using Stream entry = zip.CreateEntry(name + ".npy", CompressionLevel.NoCompression).Open();
                NpyFile.WriteTo(entry, array);
            }
        }

        Run("a.npz", memory.ToArray(), "npz:");
    }

    [Fact]
    public void Damaged_idx_files()
    {
        _folder.Write("mnist/train-images-idx3-ubyte", ArraySourceTests.Idx(2051, [2, 2, 2], Enumerable.Range(0, 8)));
        Run("mnist/train-labels-idx1-ubyte", ArraySourceTests.Idx(2049, [2], [0, 1]), "idx:", "mnist");
        _folder.Write("mnist/train-labels-idx1-ubyte", ArraySourceTests.Idx(2049, [2], [0, 1]));
        Run("mnist/train-images-idx3-ubyte", ArraySourceTests.Idx(2051, [2, 2, 2], Enumerable.Range(0, 8)), "idx:", "mnist");
    }

    [Fact]
    public void A_pack_that_unpacks_to_far_more_than_it_holds_is_refused()
    {
        byte[] pack = TestPictures.Pack("file,label\nbomb.png,x\na.png,y\n", [("bomb.png", new byte[300 << 20]), ("a.png", TestPictures.Png())], CompressionLevel.Fastest);
        Assert.True(pack.Length < 8 << 20);
        string path = _folder.Write("bomb.zip", pack);
        long before = GC.GetTotalAllocatedBytes();
        Assert.Throws<DataFormatException>(() => ImageDataset.Open(path));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 << 20);
    }

    [Fact]
    public void A_read_only_folder_is_enough_for_every_source()
    {
        string path = _folder.Write("ro/p.zip", TestPictures.Pack(6));
        File.SetAttributes(path, FileAttributes.ReadOnly);
        using var dataset = ImageDataset.Open(path);
        Assert.Equal(12, dataset.Read(0).Width);
        File.SetAttributes(path, FileAttributes.Normal);
    }

    private void Run(string file, byte[] good, string prefix, string? open = null)
    {
        var random = new SeededRandom(30).Derive(file);
        long before = GC.GetTotalAllocatedBytes();
        int refused = 0;
        for (int i = 0; i < Rounds; i++)
        {
            _folder.Write(file, Mutation.Of(good, random));
            string source = prefix + _folder.At(open ?? file);
            try
            {
                using var dataset = ImageDataset.Open(source, new DatasetOptions { MaxPixels = 1 << 20 });
                for (int k = 0; k < dataset.Records.Count; k++)
                {
                    dataset.Read(k);
                }

                Assert.Equal(64, dataset.Fingerprint.Length);
            }
            catch (PellicleException e)
            {
                refused++;
                Assert.NotEmpty(e.Hint);
            }

            try
            {
                DatasetInspector.Inspect(source, new DatasetOptions { MaxPixels = 1 << 20 }, threads: 1);
            }
            catch (PellicleException)
            {
                // Not a single image can be listed.
            }
        }

        Assert.InRange(refused, Rounds / 4, Rounds);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 2L << 30);
    }
}
