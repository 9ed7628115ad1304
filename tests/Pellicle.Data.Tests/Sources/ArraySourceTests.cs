using System.Buffers.Binary;
using System.IO.Compression;
using Pellicle.Core.Errors;
using Pellicle.Formats.Npy;

namespace Pellicle.Data.Tests.Sources;

public sealed class ArraySourceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Medmnist_layout_is_read_with_its_splits()
    {
        string path = Npz(
            ("train_images", NpyArray.From<byte>(TestPictures.Noise(6, 5 * 4, 1, 1), [4, 5, 6])),
            ("train_labels", NpyArray.From<byte>([0, 1, 2, 10], [4, 1])),
            ("val_images", NpyArray.From<byte>(TestPictures.Noise(6, 5, 1, 2), [1, 5, 6])),
            ("val_labels", NpyArray.From<byte>([1], [1, 1])),
            ("test_images", NpyArray.From<byte>(TestPictures.Noise(6, 10, 1, 3), [2, 5, 6])),
            ("test_labels", NpyArray.From<long>([2, 0], [2])));
        using var dataset = ImageDataset.Open(path);
        Assert.Equal(SourceKind.Npz, dataset.Kind);
        Assert.Equal(["0", "1", "2", "10"], dataset.Classes);
        Assert.Equal([4, 1, 2], SplitName.All.Select(s => dataset.IndicesOf(s).Count));
        Assert.Equal("train_images[3]", dataset.Records[3].File);
        Assert.Equal(TestPictures.Noise(6, 10, 1, 3)[30..], dataset.Read(6).Bytes.ToArray());
    }

    [Fact]
    public void Colour_and_float_arrays_are_read()
    {
        string path = Npz(("images", NpyArray.From<float>(Enumerable.Range(0, 24).Select(i => i / 24f).ToArray(), [2, 2, 2, 3])), ("labels", NpyArray.From<int>([0, 1], [2])));
        using var dataset = ImageDataset.Open("npz:" + path, new DatasetOptions { Split = "100/0/0" });
        RawImage image = dataset.Read(1);
        Assert.True(image.IsFloat);
        Assert.Equal((2, 2, 3), (image.Width, image.Height, image.Channels));
        Assert.Equal(12 / 24f, image.Floats[0]);
        Assert.Equal(64, dataset.Fingerprint.Length);
    }

    [Fact]
    public void Not_a_number_is_refused_with_its_place()
    {
        float[] values = new float[2 * 3 * 3];
        values[13] = float.NaN;
        DataFormatException e = Refused(("images", NpyArray.From<float>(values, [2, 3, 3])), ("labels", NpyArray.From<int>([0, 1], [2])));
        Assert.Contains("[1, 1, 1]", e.Message, StringComparison.Ordinal);
        Assert.Contains("images", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Floats_on_another_scale_are_refused_with_place_and_remedy()
    {
        DataFormatException e = Refused(("images", NpyArray.From<float>([0, 1, 255, 3], [1, 2, 2])), ("labels", NpyArray.From<int>([0], [1])));
        Assert.Contains("[0, 1, 0] is outside 0..1", e.Message, StringComparison.Ordinal);
        Assert.Contains("255", e.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1000)]
    [InlineData(long.MaxValue)]
    public void Labels_out_of_range_are_refused_with_their_place(long label)
    {
        DataFormatException e = Refused(("images", NpyArray.From<byte>(new byte[8], [2, 2, 2])), ("labels", NpyArray.From<long>([0, label], [2])));
        Assert.Contains($"images[1]: label {label} is out of range", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_that_do_not_fit_together_are_refused()
    {
        NpyArray images = NpyArray.From<byte>(new byte[8], [2, 2, 2]);
        Assert.Contains("3 labels", Refused(("images", images), ("labels", NpyArray.From<int>([0, 1, 0], [3]))).Message, StringComparison.Ordinal);
        Assert.Contains("one class per picture", Refused(("images", images), ("labels", NpyArray.From<int>([0, 1, 0, 1], [2, 2]))).Message, StringComparison.Ordinal);
        Assert.Contains("(N, H, W)", Refused(("images", NpyArray.From<byte>(new byte[16], [2, 2, 2, 2])), ("labels", NpyArray.From<int>([0, 1], [2]))).Message, StringComparison.Ordinal);
        Assert.Contains("uint8", Refused(("images", NpyArray.From<ushort>(new ushort[8], [2, 2, 2])), ("labels", NpyArray.From<int>([0, 1], [2]))).Message, StringComparison.Ordinal);
        Assert.Contains("has no array 'labels'", Refused(("images", images)).Message, StringComparison.Ordinal);
        Assert.Contains("pictures", Refused(("pictures", images)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Idx_files_are_read_from_a_folder_plain_or_compressed()
    {
        _folder.Write("mnist/train-images-idx3-ubyte", Idx(2051, [3, 2, 2], Enumerable.Range(0, 12)));
        _folder.Write("mnist/train-labels-idx1-ubyte.gz", Gzip(Idx(2049, [3], [7, 1, 7])));
        _folder.Write("mnist/t10k-images.idx3-ubyte", Idx(2051, [1, 2, 2], [9, 8, 7, 6]));
        _folder.Write("mnist/t10k-labels.idx1-ubyte", Idx(2049, [1], [1]));
        using var dataset = ImageDataset.Open(_folder.At("mnist"));
        Assert.Equal(SourceKind.Idx, dataset.Kind);
        Assert.Equal(["1", "7"], dataset.Classes);
        Assert.Equal([1, 0, 1, 0], dataset.Records.Select(r => r.Label));
        Assert.Equal("test", dataset.Records[3].Split);
        Assert.Equal(new byte[] { 4, 5, 6, 7 }, dataset.Read(1).Bytes.ToArray());
    }

    [Fact]
    public void Idx_files_that_do_not_fit_together_are_refused()
    {
        _folder.Write("m/train-images-idx3-ubyte", Idx(2051, [3, 2, 2], Enumerable.Range(0, 12)));
        Assert.Contains("without train-labels-idx1-ubyte", Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.At("m"))).Message, StringComparison.Ordinal);
        _folder.Write("m/train-labels-idx1-ubyte", Idx(2049, [2], [0, 1]));
        Assert.Contains("3 pictures", Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.At("m"))).Message, StringComparison.Ordinal);
        _folder.Write("m/train-labels-idx1-ubyte", Idx(2051, [3, 1, 1], [0, 1, 1]));
        Assert.Contains("exchanged", Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.At("m"))).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fingerprint_follows_the_pixels_of_an_array()
    {
        byte[] pixels = new byte[8];
        string One() => Fingerprint(Npz(("images", NpyArray.From<byte>(pixels, [2, 2, 2])), ("labels", NpyArray.From<int>([0, 1], [2]))));
        string before = One();
        Assert.Equal(before, One());
        pixels[5] = 1;
        Assert.NotEqual(before, One());
    }

    internal static byte[] Idx(int magic, int[] sizes, IEnumerable<int> values)
    {
        var words = new byte[4 + 4 * sizes.Length];
        BinaryPrimitives.WriteInt32BigEndian(words, magic);
        for (int i = 0; i < sizes.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(words.AsSpan(4 + 4 * i), sizes[i]);
        }

        return [.. words, .. values.Select(v => (byte)v)];
    }

    private static byte[] Gzip(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return memory.ToArray();
    }

    private static string Fingerprint(string path)
    {
        using var dataset = ImageDataset.Open(path, new DatasetOptions { Split = "100/0/0" });
        return dataset.Fingerprint;
    }

    private DataFormatException Refused(params (string, NpyArray)[] arrays) => Assert.Throws<DataFormatException>(() => ImageDataset.Open(Npz(arrays), new DatasetOptions { Split = "100/0/0" }));

    private string Npz(params (string Name, NpyArray Array)[] arrays)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, NpyArray array) in arrays)
            {
                using Stream entry = zip.CreateEntry(name + ".npy").Open();
                NpyFile.WriteTo(entry, array);
            }
        }

        return _folder.Write("set.npz", memory.ToArray());
    }
}
