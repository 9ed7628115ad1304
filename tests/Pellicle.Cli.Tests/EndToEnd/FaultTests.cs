using System.IO.Compression;
using Pellicle.Formats.Npy;
using Pellicle.Native;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>What goes wrong in practice, with the exit code and the text that the user sees.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-fault-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void One_class_only_is_refused()
    {
        Picture("one/a/1.png");
        Picture("one/a/2.png");
        Expect(3, "all 2 images have the label 'a'; expected at least two classes", Train("folder:" + At("one")));
    }

    [Fact]
    public void An_empty_training_split_is_refused()
    {
        Picture("all/test/a/1.png");
        Picture("all/test/b/2.png");
        Expect(3, "no image is in the split 'train'", Train("folder:" + At("all")));
    }

    [Theory]
    [InlineData(float.NaN, 0, "NaN or infinite")]
    [InlineData(2f, 0, "outside 0..1")]
    [InlineData(0.5f, -1, "label -1 is out of range")]
    [InlineData(0.5f, 100_000, "label 100000 is out of range")]
    public void Pixels_that_are_no_numbers_and_labels_out_of_range_are_refused_with_their_place(float pixel, long label, string expected)
    {
        var images = new float[2 * 8 * 8];
        images[70] = pixel;
        using (ZipArchive zip = ZipFile.Open(At("a.npz"), ZipArchiveMode.Create))
        {
            Add(zip, "train_images.npy", NpyArray.From<float>(images, [2, 8, 8]));
            Add(zip, "train_labels.npy", NpyArray.From<long>([1, label], [2]));
        }

        CliRun run = Train("npz:" + At("a.npz"));
        Expect(3, expected, run);
        Assert.Contains(label == 0 ? "[1, 0, 6]" : "train_images[1]", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_bomb_is_refused_before_it_is_unpacked()
    {
        using (ZipArchive zip = ZipFile.Open(At("bomb.zip"), ZipArchiveMode.Create))
        {
            using Stream entry = zip.CreateEntry("labels.csv", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[32 << 20]);
        }

        CliRun run = CliRun.Of("data", "inspect", "pack:" + At("bomb.zip"));
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Contains("labels.csv", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd", "leads out of the folder")]
    [InlineData("/etc/passwd", "is an absolute path")]
    public void A_table_cannot_reach_files_elsewhere(string name, string expected)
    {
        File.WriteAllText(At("t.csv"), $"file,label\n{name},a\n");
        Expect(3, expected, Train("csv:" + At("t.csv")));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_before_training()
    {
        // Not even root can make a folder there.
        Expect(3, "/proc/pellicle", CliRun.Of("train", "--data", "synth:dermoscopy,images=40,size=16", "--image-size", "16", "--steps", "1", "--batch", "4", "--non-private", "--out", "/proc/pellicle"));
    }

    [SmallDiskFact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_full_disk_ends_the_run_with_the_file_named_and_no_bug_report()
    {
        using var disk = new SmallDisk(At("disk"), kibibytes: 64);
        CliRun run = CliRun.Of("train", "--data", "synth:dermoscopy,images=40,size=16", "--image-size", "16", "--steps", "2", "--batch", "4", "--non-private", "--out", At("disk/run"));
        Expect(3, At("disk/run"), run);
    }

    private static void Expect(int code, string text, CliRun run)
    {
        Assert.Contains(text, run.Error, StringComparison.Ordinal);
        Assert.Equal((code, ""), (run.ExitCode, run.Output));
    }

    private static void Add(ZipArchive zip, string name, NpyArray array)
    {
        using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        NpyFile.WriteTo(entry, array);
    }

    private CliRun Train(string source) => CliRun.Of("train", "--data", source, "--image-size", "8", "--steps", "1", "--batch", "2", "--non-private", "--out", At("run"));

    private string At(string name) => Path.Combine(_folder, name);

    private void Picture(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllBytes(At(name), ImageCodec.EncodePng(new byte[64], 8, 8, 1));
    }
}
