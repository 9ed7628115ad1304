using System.Buffers.Binary;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Native;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Release.Dicom;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Tests.Release;

public class ApplyTests
{
    [Fact]
    public void A_kept_sequence_whose_inside_cannot_be_walked_is_removed()
    {
        DicomElement opaque = DicomElement.Of(0x52009229, "UN", [0xFE, 0xFF, 0x00, 0xE0]);
        Assert.Equal(HeaderAction.Remove, HeaderProfile.For(opaque, [], hidesSex: false, hidesAge: false));
        Assert.Equal(HeaderAction.Keep, HeaderProfile.For(DicomElement.Sequence(0x52009229, []), [], hidesSex: false, hidesAge: false));
    }

    [Fact]
    public void Files_keep_tree_size_and_bit_depth_and_the_same_key_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        string run = Run(folder);
        Directory.CreateDirectory(folder.In("in", "deep"));
        File.WriteAllBytes(folder.In("in", "deep", "a.png"), ImageCodec.EncodePng(Bytes(33 * 21 * 3), 33, 21, 3));
        File.WriteAllBytes(folder.In("in", "b.jpg"), ImageCodec.EncodeJpeg(Bytes(24 * 24), 24, 24, 1));
        File.WriteAllBytes(folder.In("in", "c.png"), ImageCodec.EncodePng16([.. Enumerable.Range(0, 20 * 20).Select(i => (ushort)(20000 + (i * 7)))], 20, 20, 1));
        File.WriteAllText(folder.In("in", "notes.txt"), "no picture");
        ObfuscateApplyResult result = Apply(run, folder.In("in"), folder.In("out"), r => r with { Verify = true });
        Assert.Equal(3, result.Files);
        Assert.Equal(3, result.Verified!.Reread);
        Assert.InRange(result.MeanAbsDelta!.Value, 0.001, 0.052);
        byte[] wide = File.ReadAllBytes(folder.In("out", "c.png"));
        Assert.Equal(16, ImageCodec.Probe(wide, "c").BitDepth);
        Assert.Contains(ImageCodec.DecodePng16(wide, "c", ImageCodec.Probe(wide, "c")), v => v % 257 != 0);
        ImageHeader colour = ImageCodec.Probe(File.ReadAllBytes(folder.In("out", "deep", "a.png")), "a");
        Assert.Equal((33, 21, 3), (colour.Width, colour.Height, colour.Channels));
        Apply(run, folder.In("in"), folder.In("again"), r => r);
        Assert.Equal(wide, File.ReadAllBytes(folder.In("again", "c.png")));
        ObfuscationFolder.WriteKey(folder.In("other.key"));
        Apply(run, folder.In("in"), folder.In("other"), r => r with { KeyFile = folder.In("other.key") });
        Assert.NotEqual(wide, File.ReadAllBytes(folder.In("other", "c.png")));
    }

    [Fact]
    public void Nothing_is_overwritten_and_bad_files_do_not_stop_the_rest()
    {
        using var folder = new TemporaryFolder();
        string run = Run(folder);
        Directory.CreateDirectory(folder.In("in"));
        Directory.CreateDirectory(folder.In("out"));
        File.WriteAllBytes(folder.In("in", "a.png"), ImageCodec.EncodePng(Bytes(16 * 16), 16, 16, 1));
        File.WriteAllBytes(folder.In("in", "b.png"), ImageCodec.EncodePng(Bytes(16 * 16), 16, 16, 1)[..60]);
        File.WriteAllBytes(folder.In("in", "c.png"), ImageCodec.EncodePng(Bytes(16 * 16), 16, 16, 1));
        File.WriteAllText(folder.In("out", "c.png"), "mine");
        ObfuscateApplyResult result = Apply(run, folder.In("in"), folder.In("out"), r => r);
        Assert.Equal(1, result.Files);
        Assert.Equal(["b.png", "c.png"], result.Failed.Select(f => f.File));
        Assert.Equal("mine", File.ReadAllText(folder.In("out", "c.png")));
        Assert.Equal(FailureKind.Input, result.Failure!.Kind);
        Assert.Equal(4, File.ReadAllLines(folder.In("out", "report.csv")).Length);
    }

    [Fact]
    public void A_dry_run_writes_nothing_and_nested_folders_are_refused()
    {
        using var folder = new TemporaryFolder();
        string run = Run(folder);
        Directory.CreateDirectory(folder.In("in"));
        File.WriteAllBytes(folder.In("in", "a.png"), ImageCodec.EncodePng(Bytes(16 * 16), 16, 16, 1));
        Assert.Equal(1, Apply(run, folder.In("in"), folder.In("out"), r => r with { DryRun = true }).Files);
        Assert.False(Directory.Exists(folder.In("out")));
        Assert.Throws<UsageException>(() => Apply(run, folder.In("in"), folder.In("in", "out"), r => r));
    }

    [Fact]
    public void Dicom_headers_keep_no_person_at_any_level_and_pixels_keep_their_bits()
    {
        using var folder = new TemporaryFolder();
        string run = Run(folder);
        Directory.CreateDirectory(folder.In("in"));
        byte[] original = Dicom("MONOCHROME1");
        File.WriteAllBytes(folder.In("in", "x.dcm"), original);
        ObfuscateApplyResult result = Apply(run, folder.In("in"), folder.In("out"), r => r with { Verify = true, Retain = ["patient-characteristics"] });
        Assert.Empty(result.Failed);
        Assert.Equal(1, result.Dicom.BurnedInFlagged);
        byte[] released = File.ReadAllBytes(folder.In("out", "x.dcm"));
        string text = Encoding.Latin1.GetString(released);
        Assert.All(new[] { "Doe", "Jane", "Secret", "Nested", "19800101", "1.2.3.4.5" }, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        List<DicomElement> elements = DicomFile.Read(released, "x").Elements;
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
        ObfuscateApplyResult strict = Apply(run, folder.In("in"), folder.In("strict"), r => r with { RequireNoBurnedIn = true });
        Assert.Single(strict.Failed);
    }

    [Fact]
    public void Truncated_dicom_headers_are_errors_at_every_length()
    {
        byte[] file = Dicom("MONOCHROME2");
        for (int length = 132; length < file.Length - 600; length += 7)
        {
            try
            {
                DicomFile.Read(file[..length], "cut");
            }
            catch (DataFormatException)
            {
                continue;
            }
        }

        Assert.Throws<DataFormatException>(() => DicomFile.Read(file[..^700], "cut"));
    }

    [Fact]
    public void Dates_of_a_patient_move_together_and_uids_are_replaced_alike()
    {
        using var noise = new KeyedNoise(new byte[32]);
        var cleaner = new HeaderCleaner(noise, [], ["sex"]);
        List<DicomElement> Header(string patient, string date) => [DicomElement.Of(0x00100020, "LO", patient), DicomElement.Of(0x00080020, "DA", date), DicomElement.Of(0x0020000D, "UI", "1.2.3")];
        string[] days = [.. new[] { "20200110", "20200120" }.Select(date => cleaner.Clean(Header("a", date)).Elements.Single(e => e.Tag == 0x00080020).Text)];
        var span = DateTime.ParseExact(days[1], "yyyyMMdd", null) - DateTime.ParseExact(days[0], "yyyyMMdd", null);
        Assert.Equal(10, span.TotalDays);
        Assert.NotEqual("20200110", days[0]);
        Assert.Equal(cleaner.UidFor("1.2.3"), cleaner.Clean(Header("b", "20200110")).Elements.Single(e => e.Tag == 0x0020000D).Text);
        Assert.Equal("1.2.840.10008.1.2", cleaner.UidFor("1.2.840.10008.1.2"));
    }

    [Fact]
    public void The_secret_key_is_not_shown()
    {
        using var noise = new KeyedNoise(Enumerable.Repeat((byte)7, 32).ToArray());
        Assert.DoesNotContain("7", noise.ToString()!.Replace("32", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static ObfuscateApplyResult Apply(string run, string source, string target, Func<ObfuscateApplyRequest, ObfuscateApplyRequest> change) =>
        new ObfuscateApplyPipeline((_, _) => { }).Run(change(new ObfuscateApplyRequest { RunFolder = run, Source = source, OutFolder = target }));

    // A run folder with a generator that changes something, without training.
    private static string Run(TemporaryFolder folder)
    {
        RunFolder run = RunFolder.Create(folder.In("run"));
        File.WriteAllText(run.RunFile, "{}");
        var files = new ObfuscationFolder(run);
        using var generator = new Generator(new GeneratorOptions { Widths = [4, 6, 8], Blocks = 1, DownsampleTo = 16, Budget = 0.05 }, new SeededRandom(1));
        foreach (var parameter in generator.Parameters.Where(p => p.Name.StartsWith("deconv3", StringComparison.Ordinal)))
        {
            parameter.Value.MultiplyInPlace(3000);
        }

        generator.Save(files.Generator);
        ObfuscationFolder.WriteKey(files.Key);
        RunFolder.WriteJson(files.Result, new ObfuscateTrainResult
        {
            RunDir = run.Root, Status = RunStatus.Completed, Family = GeneratorFamily.Additive, Mode = GeneratorMode.Default, System = ObfuscationSystem.Default,
            PrivateAttributes = [new HiddenColumn("sex", ["f", "m"], 0.9)], Task = "label", Budget = new BudgetSummary([BudgetNorm.MeanAbs], 0.05, "pixelRange"), Rounds = 1, SelectedRound = 1,
            SelectionMeasure = "", Validation = new ObfuscationValidation(0.5, 0.9, 0.9, 0.05, null), Judged = [], SecondsTotal = 0, PeakMemoryBytes = 0, IsSynthetic = true,
        });
        return run.Root;
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(60 + ((i * 37) % 120)))];

    private static byte[] Dicom(string photometric)
    {
        static DicomElement Short(uint tag, int value) => DicomElement.Of(tag, "US", new[] { (byte)value, (byte)(value >> 8) });
        var pixels = new byte[2 * 18 * 16];
        for (int i = 0; i < pixels.Length / 2; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(pixels.AsSpan(2 * i), (ushort)(200 + (i * 3)));
        }

        var item = new List<DicomElement> { DicomElement.Of(0x00100010, "PN", "Nested^Name"), DicomElement.Of(0x00283003, "LO", "Secret table"), DicomElement.Of(0x00283006, "US", new byte[] { 0, 0, 255, 255 }), DicomElement.Of(0x00283002, "US", new byte[] { 2, 0, 0, 0, 16, 0 }) };
        return new DicomFile(DicomFile.ExplicitLittleEndian, []).Write(
        [
            DicomElement.Of(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7"), DicomElement.Of(0x00080018, "UI", "1.2.3.4.5"), DicomElement.Of(0x00080060, "CS", "OT"),
            DicomElement.Of(0x00080020, "DA", "20200110"), DicomElement.Of(0x00080080, "LO", "Secret hospital"), DicomElement.Of(0x00100010, "PN", "Doe^Jane"), DicomElement.Of(0x00100020, "LO", "Secret1"),
            DicomElement.Of(0x00100030, "DA", "19800101"), DicomElement.Of(0x00100040, "CS", "F"), DicomElement.Of(0x00091001, "LO", "Secret vendor"), DicomElement.Of(0x0020000D, "UI", "1.2.3.4.5.6"), DicomElement.Of(0x0020000E, "UI", "1.2.3.4.5.7"),
            DicomElement.Sequence(0x00081115, [[DicomElement.Of(0x00100010, "PN", "Nested^Name")]]), DicomElement.Sequence(0x00283010, [item]),
            Short(0x00280002, 1), DicomElement.Of(0x00280004, "CS", photometric), Short(0x00280010, 18), Short(0x00280011, 16), Short(0x00280100, 16), Short(0x00280101, 12), Short(0x00280102, 11), Short(0x00280103, 0),
            DicomElement.Of(0x00281050, "DS", "500"), DicomElement.Of(0x00281051, "DS", "600"), DicomElement.Of(0x7FE00010, "OW", pixels),
        ]);
    }
}
