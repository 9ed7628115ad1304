using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Zip;

namespace Pellicle.Formats.Tests.Zip;

public sealed class ZipEntriesTests
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("pellicle ", 500)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Entries_are_read_whole_in_part_and_as_sources(bool isStored)
    {
        using ZipEntries zip = Open(ZipSamples.Make(isStored, ("labels.csv", Text), ("images/train/ä.png", [1, 2, 3]), ("empty", [])));

        Assert.Equal(["labels.csv", "images/train/ä.png", "empty"], zip.Entries.Select(e => e.Name));
        Assert.Equal(isStored, zip.Entries[0].IsStored);
        Assert.Equal(Text, zip.Read("labels.csv"));
        Assert.Equal([1, 2, 3], zip.Read("images/train/ä.png"));
        Assert.Empty(zip.Read("empty"));
        Assert.Equal(Text[..7], zip.ReadStart(zip.Entries[0], 7));
        Assert.Equal(Text, zip.ReadStart(zip.Entries[0], 1 << 20));
        using ByteSource source = zip.OpenSource(zip.Entries[0]);
        Assert.Equal(Text[100..110], source.ReadBytes(100, 10));
        Assert.Contains("no entry 'missing'", Assert.Throws<DataFormatException>(() => zip.Read("missing")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_threads_read_one_archive_at_once()
    {
        (string, byte[])[] files = [.. Enumerable.Range(0, 200).Select(i => ($"{i}.bin", Enumerable.Repeat((byte)i, 1000 + i).ToArray()))];
        foreach (bool isStored in new[] { true, false })
        {
            using ZipEntries zip = Open(ZipSamples.Make(isStored, files));

            Parallel.For(0, 2000, n => Assert.All(zip.Read(zip.Entries[n % 200]), b => Assert.Equal((byte)(n % 200), b)));
        }
    }

    [Fact]
    public void Folders_are_left_out()
    {
        using ZipEntries zip = Open(ZipSamples.Make(true, ("images/", []), ("images/a.png", [1])));

        Assert.Equal(["images/a.png"], zip.Entries.Select(e => e.Name));
    }

    [Theory]
    [InlineData("../a.png", "leaves the archive's folder")]
    [InlineData("images/../../a.png", "leaves the archive's folder")]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("C:/a.png", "absolute")]
    [InlineData("images\\a.png", "backslash")]
    [InlineData("images//a.png", "empty or '.' part")]
    [InlineData("./a.png", "empty or '.' part")]
    [InlineData("a\nb.png", "control character")]
    public void Names_that_are_no_plain_relative_path_are_refused(string name, string reason)
    {
        DataFormatException e = Refused(ZipSamples.Make(true, ("good.png", [1]), (name, [2])));

        Assert.StartsWith("pack.zip: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Single(e.Problems);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void All_bad_names_are_listed_at_once() =>
        Assert.Equal(3, Refused(ZipSamples.Make(true, ("../a", [1]), ("/b", [1]), ("ok", [1]), ("c\\d", [1]))).Problems.Count);

    [Fact]
    public void A_name_that_occurs_twice_is_refused() =>
        Assert.Contains("twice", Refused(ZipSamples.Make(true, ("a.png", [1]), ("a.png", [2]))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Changed_content_fails_its_checksum(bool isStored)
    {
        byte[] bytes = ZipSamples.Make(isStored, ("a.txt", Text));
        bytes[60] ^= 4;

        using ZipEntries zip = Open(bytes);
        DataFormatException e = Assert.Throws<DataFormatException>(() => zip.Read("a.txt"));

        Assert.StartsWith("pack.zip, entry 'a.txt': ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_beyond_what_deflate_can_hold_is_refused_without_taking_the_memory()
    {
        byte[] bytes = ZipSamples.Make(false, ("a.txt", Text));

        Assert.Contains("more than the method can hold", Refused(bytes.With32(ZipSamples.Central(bytes) + 24, 2_000_000_000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decompression_bomb_is_refused_by_its_ratio()
    {
        byte[] bytes = ZipSamples.Make(false, ("zeros", new byte[1 << 20]));

        var limits = new ZipLimits { RatioFreeBytes = 1 << 16 };
        Assert.Contains("decompression bomb", Refused(bytes, limits).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Content_that_is_longer_or_shorter_than_declared_is_refused()
    {
        foreach (uint declared in new[] { (uint)Text.Length - 1, (uint)Text.Length + 1 })
        {
            byte[] bytes = ZipSamples.Make(false, ("a.txt", Text));
            using ZipEntries zip = Open(bytes.With32(ZipSamples.Central(bytes) + 24, declared));

            Assert.Throws<DataFormatException>(() => zip.Read("a.txt"));
        }
    }

    [Fact]
    public void Limits_on_entries_and_sizes_are_kept()
    {
        byte[] bytes = ZipSamples.Make(true, ("a", new byte[100]), ("b", new byte[100]));

        Assert.Contains("2 entries", Refused(bytes, new ZipLimits { MaxEntries = 1 }).Message, StringComparison.Ordinal);
        Assert.Contains("at most 99", Refused(bytes, new ZipLimits { MaxEntryBytes = 99 }).Message, StringComparison.Ordinal);
        Assert.Contains("200 bytes together", Refused(bytes, new ZipLimits { MaxTotalBytes = 199 }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlapping_entries_are_refused()
    {
        byte[] bytes = ZipSamples.Make(true, ("a", new byte[100]), ("b", new byte[100]));

        Assert.Contains("into what starts at byte", Refused(bytes.With32(ZipSamples.Central(bytes, 1) + 42, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encrypted_entries_and_unknown_methods_are_named()
    {
        byte[] encrypted = ZipSamples.Make(true, ("a", [1]));
        byte[] lzma = ZipSamples.Make(true, ("a", [1]));
        using ZipEntries first = Open(encrypted.With16(ZipSamples.Central(encrypted) + 8, 1));
        using ZipEntries second = Open(lzma.With16(ZipSamples.Central(lzma) + 10, 14));

        Assert.Contains("is encrypted", Assert.Throws<DataFormatException>(() => first.Read("a")).Message, StringComparison.Ordinal);
        Assert.Contains("method 14 (LZMA)", Assert.Throws<DataFormatException>(() => second.Read("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_directories_are_refused()
    {
        byte[] Sample() => ZipSamples.Make(true, ("a", new byte[100]), ("b", new byte[100]));
        byte[] s = Sample();
        int end = ZipSamples.End(s);

        Assert.Contains("not a ZIP archive", Refused([]).Message, StringComparison.Ordinal);
        Assert.Contains("not a ZIP archive", Refused(new byte[1000]).Message, StringComparison.Ordinal);
        Assert.Contains("not a ZIP archive", Refused(s[..^1]).Message, StringComparison.Ordinal);
        Assert.Contains("60000 entries", Refused(Sample().With16(end + 10, 60000)).Message, StringComparison.Ordinal);
        Assert.Contains("outside", Refused(Sample().With32(end + 16, 4_000_000_000)).Message, StringComparison.Ordinal);
        Assert.Contains("outside", Refused(Sample().With32(end + 12, 4_000_000_000)).Message, StringComparison.Ordinal);
        Assert.Contains("several files", Refused(Sample().With16(end + 4, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("record is", Refused(Sample().With16(ZipSamples.Central(s) + 28, 65000)).Message, StringComparison.Ordinal);
        Assert.Contains("do not lie before", Refused(Sample().With32(ZipSamples.Central(s) + 42, 4_000_000)).Message, StringComparison.Ordinal);
        Assert.Contains("yet declares", Refused(Sample().With32(ZipSamples.Central(s) + 24, 99)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Checksum_agrees_with_the_published_check_value()
    {
        Assert.Equal(0xCBF43926u, Crc32.Compute("123456789"u8)); // Williams 1993, "A painless guide to CRC error detection algorithms"
        Assert.Equal(Crc32.Compute(Text), Crc32.Append(Crc32.Compute(Text.AsSpan(0, 13)), Text.AsSpan(13)));
    }

    [SharedFact("data/ham10000-200x150.zip")]
    public void Every_entry_of_a_real_pack_is_read_and_verified()
    {
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate("data/ham10000-200x150.zip"));

        long bytes = 0;
        Parallel.ForEach(zip.Entries, entry => Interlocked.Add(ref bytes, zip.Read(entry).LongLength));

        Assert.Equal(5918 + 1472 + 1, zip.Entries.Count);
        Assert.Equal(zip.Entries.Sum(e => e.Length), bytes);
        Assert.True(zip.Entries.All(e => e.IsStored));
    }

    private static ZipEntries Open(byte[] bytes) => ZipEntries.Open(ZipSamples.Source(bytes));

    private static DataFormatException Refused(byte[] bytes, ZipLimits? limits = null) =>
        Assert.Throws<DataFormatException>(() => ZipEntries.Open(ZipSamples.Source(bytes), limits));
}
