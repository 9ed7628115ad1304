using Pellicle.Core.Errors;
using Pellicle.Formats.Zip;

namespace Pellicle.Formats.Tests.Zip;

public sealed class Zip64Tests
{
    private static readonly byte[] Content = [1, 2, 3, 4, 5];

    [Fact]
    public void Sizes_and_offsets_are_taken_from_the_extra_field_and_the_wide_end_record()
    {
        using ZipEntries zip = ZipEntries.Open(ZipSamples.Source(Archive()));

        Assert.Equal(Content, zip.Read("a.bin"));
        Assert.Equal(5, zip.Entries[0].Length);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(1_000_000_000_000)]
    public void Wide_sizes_that_the_file_cannot_hold_are_refused(long length) =>
        Assert.Throws<DataFormatException>(() => ZipEntries.Open(ZipSamples.Source(Archive(length: length, compressed: length))));

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(46, long.MaxValue)]
    [InlineData(46, -1)]
    public void Wide_directory_that_the_file_cannot_hold_is_refused(long directoryLength, long count) =>
        Assert.Throws<DataFormatException>(() => ZipEntries.Open(ZipSamples.Source(Archive(directoryLength: directoryLength, count: count))));

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void More_entries_than_sixteen_bits_count_are_read()
    {
        (string, byte[])[] files = [.. Enumerable.Range(0, 70_000).Select(i => ($"{i}", Array.Empty<byte>()))];

        using ZipEntries zip = ZipEntries.Open(ZipSamples.Source(ZipSamples.Make(true, files)));

        Assert.Equal(70_000, zip.Entries.Count);
        Assert.Empty(zip.Read("69999"));
    }

    /// <summary>One stored entry, described with Zip64 fields throughout (APPNOTE 4.3.14, 4.3.15, 4.5.3).</summary>
    private static byte[] Archive(long length = 5, long compressed = 5, long? directoryLength = null, long count = 1)
    {
        using var stream = new MemoryStream();
        using var w = new BinaryWriter(stream);
        uint crc = Crc32.Compute(Content);
        w.Write(0x04034B50u);
        w.Write(new ushort[] { 45, 0, 0, 0, 0 });
        w.Write(crc);
        w.Write(5u);
        w.Write(5u);
        w.Write(new ushort[] { 5, 0 });
        w.Write("a.bin"u8);
        w.Write(Content);

        long directory = stream.Position;
        w.Write(0x02014B50u);
        w.Write(new ushort[] { 45, 45, 0, 0, 0, 0 });
        w.Write(crc);
        w.Write(uint.MaxValue);
        w.Write(uint.MaxValue);
        w.Write(new ushort[] { 5, 28, 0, 0, 0 });
        w.Write(0u);
        w.Write(uint.MaxValue);
        w.Write("a.bin"u8);
        w.Write(new ushort[] { 1, 24 });
        w.Write(length);
        w.Write(compressed);
        w.Write(0L);

        long end = stream.Position;
        w.Write(0x06064B50u);
        w.Write(44L);
        w.Write(new ushort[] { 45, 45 });
        w.Write(0u);
        w.Write(0u);
        w.Write(count);
        w.Write(count);
        w.Write(directoryLength ?? end - directory);
        w.Write(directory);
        w.Write(0x07064B50u);
        w.Write(0u);
        w.Write(end);
        w.Write(1u);
        w.Write(0x06054B50u);
        w.Write(new ushort[] { 0, 0, 0xFFFF, 0xFFFF });
        w.Write(uint.MaxValue);
        w.Write(uint.MaxValue);
        w.Write((ushort)0);
        return stream.ToArray();
    }
}

/// <summary>Writes several words at once.</summary>
internal static class BinaryWriterExtensions
{
    public static void Write(this BinaryWriter writer, ushort[] values) => Array.ForEach(values, writer.Write);
}
