using System.IO.Compression;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Idx;
using Pellicle.Formats.Zip;

namespace Pellicle.Formats.Tests.Idx;

public sealed class IdxFileTests
{
    [Fact]
    public void Images_and_labels_are_read_item_by_item()
    {
        IdxArray images = Read([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
        IdxArray labels = Read([0, 0, 8, 1, 0, 0, 0, 2, 9, 4]);

        Assert.True(images.IsImages);
        Assert.Equal([2, 1, 3], images.Shape);
        Assert.Equal([4, 5, 6], images.Item(1).ToArray());
        Assert.False(labels.IsImages);
        Assert.Equal([4], labels.Item(1).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => images.Item(2).ToArray());
    }

    [Fact]
    public void Gzip_is_unpacked_on_the_way()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write([0, 0, 8, 1, 0, 0, 0, 2, 9, 4]);
        }

        Assert.Equal([9, 4], Read(packed.ToArray()).Bytes.ToArray());
        Assert.Throws<DataFormatException>(() => Read(packed.ToArray()[..^12]));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 8 }, "header ends")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0, 0, 2, 0, 0 }, "header ends")]
    [InlineData(new byte[] { 0, 0, 9, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1 }, "magic number 2307")]
    [InlineData(new byte[] { 1, 8, 0, 0, 2, 0, 0, 0, 9, 4 }, "magic number")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 3, 9, 4 }, "more than the file can hold")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 1, 9, 4 }, "beyond the 9")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 0 }, "size 0")]
    [InlineData(new byte[] { 0, 0, 8, 1, 255, 255, 255, 255 }, "size 4294967295")]
    [InlineData(new byte[] { 0, 0, 8, 3, 127, 255, 255, 255, 127, 255, 255, 255, 127, 255, 255, 255, 1 }, "more than the file can hold")]
    public void Invalid_file_is_refused_with_its_reason(byte[] bytes, string reason)
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => Read(bytes));

        Assert.StartsWith("x-ubyte: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [SharedFact("data/mnist.zip")]
    public void Mnist_has_ten_thousand_test_images_with_the_known_label_counts()
    {
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate("data/mnist.zip"));
        ZipEntry imagesEntry = zip.Entries.Single(e => e.Name.EndsWith("t10k-images-idx3-ubyte", StringComparison.Ordinal));
        ZipEntry labelsEntry = zip.Entries.Single(e => e.Name.EndsWith("t10k-labels-idx1-ubyte", StringComparison.Ordinal));

        IdxArray images = IdxFile.Read(zip.OpenSource(imagesEntry));
        IdxArray labels = IdxFile.Read(zip.OpenSource(labelsEntry));

        Assert.Equal([10_000, 28, 28], images.Shape);
        Assert.Equal(10_000, labels.Count);
        Assert.Equal([7, 2, 1, 0, 4], labels.Bytes.Span[..5].ToArray());
        Assert.Equal(980, labels.Bytes.ToArray().Count(label => label == 0));
    }

    private static IdxArray Read(byte[] bytes) => IdxFile.Read(ByteSource.FromMemory(bytes, "x-ubyte"));
}
