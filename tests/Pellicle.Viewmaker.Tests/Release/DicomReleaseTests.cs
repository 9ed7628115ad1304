using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Native;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Release.Dicom;

namespace Pellicle.Viewmaker.Tests.Release;

public class DicomReleaseTests
{
    [Fact]
    public void A_kept_sequence_whose_inside_cannot_be_walked_is_removed()
    {
        DicomElement opaque = DicomElement.Of(0x52009229, "UN", [0xFE, 0xFF, 0x00, 0xE0]);
        Assert.Equal(HeaderAction.Remove, HeaderProfile.For(opaque, [], default));
        Assert.Equal(HeaderAction.Keep, HeaderProfile.For(DicomElement.Sequence(0x52009229, []), [], default));
    }

    [Fact]
    public void Dicom_headers_keep_no_person_at_any_level_and_pixels_keep_their_bits()
    {
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder);
        Directory.CreateDirectory(folder.In("in"));
        byte[] original = Dicom("MONOCHROME1");
        File.WriteAllBytes(folder.In("in", "x.dcm"), original);
        ObfuscateApplyResult result = UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r with { Verify = true, Retain = ["patient-characteristics"] });
        Assert.Empty(result.Failed);
        Assert.Equal(1, result.Dicom.BurnedInFlagged);
        byte[] released = File.ReadAllBytes(folder.In("out", "x.dcm"));
        string text = Encoding.Latin1.GetString(released);
        Assert.All(new[] { "Doe", "Jane", "Secret", "Nested", "19800101", "1.2.3.4.5" }, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        IReadOnlyList<DicomElement> elements = DicomFile.Read(released, "x").Elements;
        string Value(uint tag) => elements.Single(e => e.Tag == tag).Text;
        Assert.Equal("", Value(0x00100040)); // hidden in the pixels, so hidden in the header, whatever is retained
        Assert.Equal("YES", Value(0x00120062));
        Assert.StartsWith("2.25.", Value(0x00080018), StringComparison.Ordinal);
        Assert.Equal("MONOCHROME1", Value(0x00280004));
        Assert.Equal("500", Value(0x00281050));
        Assert.DoesNotContain(elements, e => e.IsPrivate);
        DicomElement kept = elements.Single(e => e.Tag == 0x00283010);
        Assert.DoesNotContain(kept.Items!.Single(), e => e.Tag == 0x00100010 && e.Text.Contains("Nested", StringComparison.Ordinal));
        DicomFrame frame = DicomDecoder.Read(released, "x", -1, 1 << 20);
        Assert.Equal((16, 12), (frame.BitsAllocated, frame.BitsStored));
        Assert.NotEqual(DicomDecoder.Read(original, "x", -1, 1 << 20).Pixels, frame.Pixels);
        ObfuscateApplyResult strict = UntrainedRun.Apply(run, folder.In("in"), folder.In("strict"), r => r with { RequireNoBurnedIn = true });
        Assert.Single(strict.Failed);
    }

    [Fact]
    public void A_replaced_picture_keeps_no_value_beyond_the_window_that_would_show_where_things_had_been()
    {
        int[] Stored(byte[] file) => [.. DicomDecoder.Read(file, "sample", -1, 1 << 20).Pixels.Chunk(2).Select(two => two[0] | (two[1] << 8))];
        byte[] original = Dicom("MONOCHROME2", hasTable: false);
        Assert.Equal(1061, Stored(original).Max()); // the window ends at 799
        Assert.True(Stored(Release(original)).Max() > 900, "an added change keeps what lies beyond");
        int[] replaced = Stored(Release(original, options => options with { Budget = 1, CoordinatePasses = 1 }));
        Assert.InRange(replaced.Max(), 700, 799);
    }

    [Fact]
    public void A_colour_image_becomes_grey_where_a_generator_for_grey_ones_replaces_pictures()
    {
        using var noise = new KeyedNoise(new byte[32]);
        float[] Released(GeneratorOptions options)
        {
            using var generator = new Generator(options, new SeededRandom(1));
            return new ImageObfuscator(generator, noise).Obfuscate([.. Enumerable.Range(0, 3 * 256).Select(i => i / 768f)], 3, 16, 16, "x", 8);
        }

        var grey = new GeneratorOptions { Channels = 1, Widths = [2, 2, 2], Blocks = 0, DownsampleTo = 16, Budget = 0.05 };
        float[] added = Released(grey), replaced = Released(grey with { CoordinatePasses = 1 });
        Assert.NotEqual(added[..256], added[256..512]);
        Assert.Equal(replaced[..256], replaced[256..512]);
        Assert.Equal(replaced[..256], replaced[512..]);
    }

    [Fact]
    public void Truncated_files_are_errors_at_every_length()
    {
        byte[] file = Dicom("MONOCHROME2");
        for (int length = 132; length < file.Length; length += 29)
        {
            Assert.Throws<DataFormatException>(() => Release(file[..length]));
        }
    }

    [Fact]
    public void Files_with_flipped_bits_are_released_or_refused_and_never_more()
    {
        var random = new SeededRandom(5);
        int released = 0, refused = 0;
        for (int i = 0; i < 150; i++)
        {
            byte[] file = Dicom("MONOCHROME2", isImplicit: i % 2 == 1);
            for (int k = 0; k < 4; k++)
            {
                file[128 + random.NextInt(file.Length - 128 - 500)] ^= (byte)(1 << random.NextInt(8));
            }

            try
            {
                DicomFile.Read(Release(file), "released");
                released++;
            }
            catch (DataFormatException e)
            {
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }

        Assert.True(released > 10 && refused > 10, $"{released} released, {refused} refused");
    }

    [SharedFact("data/dicom-samples.zip")]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Samples_of_every_transfer_syntax_are_released_without_private_elements_and_damaged_ones_refused()
    {
        using ZipArchive samples = ZipFile.OpenRead(SharedFiles.Locate("data/dicom-samples.zip"));
        var random = new SeededRandom(7);
        int released = 0;
        foreach (ZipArchiveEntry entry in samples.Entries.Where(entry => entry.FullName.EndsWith(".dcm", StringComparison.Ordinal) && entry.Length < 400_000))
        {
            using var memory = new MemoryStream();
            using (Stream stream = entry.Open())
            {
                stream.CopyTo(memory);
            }

            byte[] file = memory.ToArray();
            if (entry.FullName.Contains("truncated", StringComparison.Ordinal) || entry.FullName.Contains("palette", StringComparison.Ordinal))
            {
                Assert.Throws<DataFormatException>(() => Release(file));
                continue;
            }

            string path = Path.GetTempFileName();
            File.WriteAllBytes(path, Release(file));
            ReleasedHeader.Require(path, [], default);
            File.Delete(path);
            released++;
            foreach (int cut in new[] { 200, file.Length / 3, file.Length - 40 })
            {
                Assert.Throws<DataFormatException>(() => Release(file[..cut]));
            }

            file[140 + random.NextInt(file.Length / 2)] ^= 0x55;
            Assert.True(Record.Exception(() => Release(file)) is null or DataFormatException);
        }

        Assert.True(released >= 12, $"{released} samples");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_generator_that_changes_nothing_leaves_every_stored_value(bool isImplicit)
    {
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder, strength: 0);
        Directory.CreateDirectory(folder.In("in"));
        byte[] original = Dicom("MONOCHROME1", isImplicit);
        File.WriteAllBytes(folder.In("in", "x.dcm"), original);
        Assert.Equal(0, UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r).MaxAbsDelta);
        byte[] released = File.ReadAllBytes(folder.In("out", "x.dcm"));
        Assert.Equal(isImplicit, DicomFile.Read(released, "x").IsImplicit);
        Assert.Equal(SHA256.HashData(DicomDecoder.Read(original, "x", -1, 1 << 20).Pixels), SHA256.HashData(DicomDecoder.Read(released, "x", -1, 1 << 20).Pixels));
    }

    [Fact]
    public void A_hidden_device_takes_its_settings_along_and_cannot_be_retained()
    {
        HiddenTags hidden = HiddenTags.Of(["scanner_model"]);
        Assert.Equal(HeaderAction.Keep, HeaderProfile.For(DicomElement.Of(0x00180060, "DS", "120"), [], default));
        Assert.Equal(HeaderAction.Remove, HeaderProfile.For(DicomElement.Of(0x00180060, "DS", "120"), [], hidden));
        Assert.Equal(HeaderAction.Keep, HeaderProfile.For(DicomElement.Of(0x00180050, "DS", "5"), [], hidden));
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder, hidden: "scanner_model");
        var e = Assert.Throws<UsageException>(() => UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r with { Retain = ["device"] }));
        Assert.Contains("--retain device", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dates_of_a_patient_move_together_and_uids_are_replaced_alike()
    {
        using var noise = new KeyedNoise(new byte[32]);
        var cleaner = new HeaderCleaner(noise, [], HiddenTags.Of(["sex"]));
        List<DicomElement> Header(string patient, string date) => [DicomElement.Of(0x00100020, "LO", patient), DicomElement.Of(0x00080020, "DA", date), DicomElement.Of(0x0020000D, "UI", "1.2.3")];
        string[] days = [.. new[] { "20200110", "20200120" }.Select(date => cleaner.Clean(Header("a", date)).Elements.Single(e => e.Tag == 0x00080020).Text)];
        var span = DateTime.ParseExact(days[1], "yyyyMMdd", null) - DateTime.ParseExact(days[0], "yyyyMMdd", null);
        Assert.Equal(10, span.TotalDays);
        Assert.NotEqual("20200110", days[0]);
        Assert.Equal(cleaner.UidFor("1.2.3"), cleaner.Clean(Header("b", "20200110")).Elements.Single(e => e.Tag == 0x0020000D).Text);
        Assert.Equal("1.2.840.10008.1.2", cleaner.UidFor("1.2.840.10008.1.2"));
    }

    private static byte[] Release(byte[] file, Func<GeneratorOptions, GeneratorOptions>? change = null)
    {
        using var noise = new KeyedNoise(new byte[32]);
        var options = new GeneratorOptions { Widths = [2, 2, 2], Blocks = 0, DownsampleTo = 16, Budget = 0.05 };
        using var generator = new Generator(change?.Invoke(options) ?? options, new SeededRandom(1));
        return new FileObfuscator(new ImageObfuscator(generator, noise), new HeaderCleaner(noise, [], default), jpegQuality: null).Obfuscate(file, "sample").Content;
    }

    private static byte[] Dicom(string photometric, bool isImplicit = false, bool hasTable = true)
    {
        static DicomElement Short(uint tag, int value) => DicomElement.Of(tag, "US", new[] { (byte)value, (byte)(value >> 8) });
        var pixels = new byte[2 * 18 * 16];
        for (int i = 0; i < pixels.Length / 2; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(pixels.AsSpan(2 * i), (ushort)(200 + (i * 3)));
        }

        var item = new List<DicomElement> { DicomElement.Of(0x00100010, "PN", "Nested^Name"), DicomElement.Of(0x00283003, "LO", "Secret table"), DicomElement.Of(0x00283006, "US", new byte[] { 0, 0, 255, 255 }), DicomElement.Of(0x00283002, "US", new byte[] { 2, 0, 0, 0, 16, 0 }) };
        return DicomFile.Write(
        [
            DicomElement.Of(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7"), DicomElement.Of(0x00080018, "UI", "1.2.3.4.5"), DicomElement.Of(0x00080060, "CS", "OT"),
            DicomElement.Of(0x00080020, "DA", "20200110"), DicomElement.Of(0x00080080, "LO", "Secret hospital"), DicomElement.Of(0x00100010, "PN", "Doe^Jane"), DicomElement.Of(0x00100020, "LO", "Secret1"),
            DicomElement.Of(0x00100030, "DA", "19800101"), DicomElement.Of(0x00100040, "CS", "F"), DicomElement.Of(0x00091001, "LO", "Secret vendor"), DicomElement.Of(0x0020000D, "UI", "1.2.3.4.5.6"), DicomElement.Of(0x0020000E, "UI", "1.2.3.4.5.7"),
            DicomElement.Sequence(0x00081115, [[DicomElement.Of(0x00100010, "PN", "Nested^Name")]]), DicomElement.Sequence(hasTable ? 0x00283010u : 0x00081140u, [item]), // a table of values of interest, or a reference
            Short(0x00280002, 1), DicomElement.Of(0x00280004, "CS", photometric), Short(0x00280010, 18), Short(0x00280011, 16), Short(0x00280100, 16), Short(0x00280101, 12), Short(0x00280102, 11), Short(0x00280103, 0),
            DicomElement.Of(0x00281050, "DS", "500"), DicomElement.Of(0x00281051, "DS", "600"), DicomElement.Of(0x7FE00010, "OW", pixels),
        ], isImplicit, "test");
    }
}
