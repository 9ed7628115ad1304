using System.Runtime.Versioning;
using Pellicle.Core.Errors;
using Pellicle.Native;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Tests.Release;

[UnsupportedOSPlatform("windows")]
public class ApplyTests
{
    [Fact]
    public void Files_keep_tree_size_and_bit_depth_and_the_same_key_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder);
        Directory.CreateDirectory(folder.In("in", "deep"));
        File.WriteAllBytes(folder.In("in", "deep", "a.png"), ImageCodec.EncodePng(Bytes(33 * 21 * 3), 33, 21, 3));
        File.WriteAllBytes(folder.In("in", "b.jpg"), ImageCodec.EncodeJpeg(Bytes(24 * 24), 24, 24, 1));
        File.WriteAllBytes(folder.In("in", "c.png"), ImageCodec.EncodePng16([.. Enumerable.Range(0, 20 * 20).Select(i => (ushort)(20000 + (i * 7)))], 20, 20, 1));
        File.WriteAllText(folder.In("in", "notes.txt"), "no picture");
        ObfuscateApplyResult result = UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r with { Verify = true });
        Assert.Equal(3, result.Files);
        Assert.Equal(3, result.Verified!.Reread);
        Assert.InRange(result.MeanAbsDelta!.Value, 0.001, 0.052);
        byte[] wide = File.ReadAllBytes(folder.In("out", "c.png"));
        Assert.Equal(16, ImageCodec.Probe(wide, "c").BitDepth);
        Assert.Contains(ImageCodec.DecodePng16(wide, "c", ImageCodec.Probe(wide, "c")), v => v % 257 != 0);
        ImageHeader colour = ImageCodec.Probe(File.ReadAllBytes(folder.In("out", "deep", "a.png")), "a");
        Assert.Equal((33, 21, 3), (colour.Width, colour.Height, colour.Channels));
        UntrainedRun.Apply(run, folder.In("in"), folder.In("again"), r => r);
        Assert.Equal(wide, File.ReadAllBytes(folder.In("again", "c.png")));
        ObfuscationFolder.WriteKey(folder.In("other.key"));
        UntrainedRun.Apply(run, folder.In("in"), folder.In("other"), r => r with { KeyFile = folder.In("other.key") });
        Assert.NotEqual(wide, File.ReadAllBytes(folder.In("other", "c.png")));
    }

    [Fact]
    public void Nothing_is_overwritten_and_bad_files_do_not_stop_the_rest()
    {
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder);
        Directory.CreateDirectory(folder.In("in"));
        Directory.CreateDirectory(folder.In("out"));
        File.WriteAllBytes(folder.In("in", "a.png"), ImageCodec.EncodePng(Bytes(16 * 16), 16, 16, 1));
        File.WriteAllBytes(folder.In("in", "b.png"), ImageCodec.EncodePng(Bytes(16 * 16), 16, 16, 1)[..60]);
        File.WriteAllBytes(folder.In("in", "c.png"), ImageCodec.EncodePng(Bytes(16 * 16), 16, 16, 1));
        File.WriteAllText(folder.In("out", "c.png"), "mine");
        ObfuscateApplyResult result = UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r);
        Assert.Equal(1, result.Files);
        Assert.Equal(["b.png", "c.png"], result.Failed.Select(f => f.File));
        Assert.Equal("mine", File.ReadAllText(folder.In("out", "c.png")));
        Assert.Equal(["b.png", "c.png"], UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r).Failed.Select(f => f.File)); // a.png is there with the same bytes
        Assert.Equal(FailureKind.Input, result.Failure!.Kind);
        Assert.Equal(4, File.ReadAllLines(folder.In("out", "report.csv")).Length);
    }

    [Fact]
    public void A_dry_run_writes_nothing_and_nested_folders_are_refused()
    {
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder);
        Directory.CreateDirectory(folder.In("in"));
        File.WriteAllBytes(folder.In("in", "a.png"), ImageCodec.EncodePng(Bytes(16 * 16), 16, 16, 1));
        Assert.Equal(1, UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r with { DryRun = true }).Files);
        Assert.False(Directory.Exists(folder.In("out")));
        Assert.Throws<UsageException>(() => UntrainedRun.Apply(run, folder.In("in"), folder.In("in", "out"), r => r));
    }

    [Fact]
    public void A_generator_that_changes_nothing_gives_back_16_bit_samples_as_they_were()
    {
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder, strength: 0);
        Directory.CreateDirectory(folder.In("in"));
        ushort[] samples = [.. Enumerable.Range(0, 23 * 19 * 3).Select(i => (ushort)(i * 49))];
        File.WriteAllBytes(folder.In("in", "a.png"), ImageCodec.EncodePng16(samples, 23, 19, 3));
        Assert.Equal(0, UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r).MaxAbsDelta);
        byte[] released = File.ReadAllBytes(folder.In("out", "a.png"));
        Assert.Equal(samples, ImageCodec.DecodePng16(released, "a", ImageCodec.Probe(released, "a")));
    }

    [Fact]
    public void Sources_that_would_get_one_name_keep_apart()
    {
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder);
        Directory.CreateDirectory(folder.In("in"));
        File.WriteAllBytes(folder.In("in", "a.jpeg"), ImageCodec.EncodeJpeg(Bytes(16 * 16), 16, 16, 1));
        File.WriteAllBytes(folder.In("in", "a.jpg"), ImageCodec.EncodeJpeg(Bytes(16 * 16), 16, 16, 1));
        File.WriteAllBytes(folder.In("in", "a.png"), ImageCodec.EncodePng(Bytes(16 * 16), 16, 16, 1));
        Assert.Equal(3, UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r).Files);
        Assert.Equal(["a.jpeg.png", "a.jpg.png", "a.png", "report.csv"], Directory.GetFiles(folder.In("out")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Generators_are_readable_by_their_owner_only()
    {
        using var folder = new TemporaryFolder();
        var files = ObfuscationFolder.Open(UntrainedRun.Create(folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files.Generator));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files.Key));
    }

    [Fact]
    public void The_secret_key_is_not_shown()
    {
        using var noise = new KeyedNoise(Enumerable.Repeat((byte)7, 32).ToArray());
        Assert.DoesNotContain("7", noise.ToString()!.Replace("32", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(60 + ((i * 37) % 120)))];
}
