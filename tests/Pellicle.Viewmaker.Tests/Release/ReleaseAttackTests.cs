using Pellicle.Data;
using Pellicle.Native;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Release;

namespace Pellicle.Viewmaker.Tests.Release;

public class ReleaseAttackTests
{
    private static readonly AttackOptions Quick = new() { Attackers = ["cnn_plain"], Seeds = 1, Epochs = 15, Replicates = 60 };

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Verification_attacks_the_released_files_where_a_table_lies_beside_the_sources()
    {
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder);
        WriteSources(folder.In("in"), images: 400);
        ObfuscateApplyResult result = UntrainedRun.Apply(run, folder.In("in"), folder.In("out"), r => r with { Verify = true, Attack = Quick });
        AttributeAttackResult attack = Assert.Single(result.Verified!.Attributes);
        Assert.Null(result.Verified.NotAttacked);
        Assert.Equal("sex", attack.Attribute);
        Assert.Null(attack.Patients);
        Assert.True(result.Verified.AttackerLeakage > 0.75, $"a generator without training hides nothing, but leakage is {result.Verified.AttackerLeakage}");
        Assert.True(result.Verified.AttackerLeakageInterval!.Value.Contains(attack.WorstLeakage));
        Assert.Contains("attackerLeakage", File.ReadAllText(Path.Combine(run, "obfuscation-release.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Verification_without_labels_says_that_nothing_was_attacked()
    {
        using var folder = new TemporaryFolder();
        string run = UntrainedRun.Create(folder);
        WriteSources(folder.In("in"), images: 5);
        Assert.Contains("classes of 'sex'", NotAttacked(folder, run, "few"), StringComparison.Ordinal);
        File.Delete(folder.In("in", "labels.csv"));
        Assert.Contains("no labels are at hand", NotAttacked(folder, run, "none"), StringComparison.Ordinal);
        File.WriteAllText(folder.In("in", "labels.csv"), "file,weight\n0.jpg,70\n");
        Assert.Contains("there is no column 'sex'", NotAttacked(folder, run, "other"), StringComparison.Ordinal);
    }

    private static string NotAttacked(TemporaryFolder folder, string run, string target)
    {
        VerifySummary verified = UntrainedRun.Apply(run, folder.In("in"), folder.In(target), r => r with { Verify = true, Attack = Quick }).Verified!;
        Assert.Empty(verified.Attributes);
        Assert.Null(verified.AttackerLeakage);
        Assert.Equal(5, verified.Reread);
        return verified.NotAttacked!;
    }

    // JPEG sources become PNG files, and their table still names the JPEG files.
    private static void WriteSources(string folder, int images)
    {
        Directory.CreateDirectory(folder);
        using ImageDataset set = ImageDataset.Open($"synth:discs,images={images},size=16,strength=1");
        var table = new List<string> { "file,sex" };
        for (int i = 0; i < images; i++)
        {
            RawImage image = set.Read(i);
            File.WriteAllBytes(Path.Combine(folder, $"{i}.jpg"), ImageCodec.EncodeJpeg(image.Bytes, image.Width, image.Height, image.Channels, 95));
            table.Add($"{i}.jpg,{set.ColumnValues("sex")![i]}");
        }

        File.WriteAllLines(Path.Combine(folder, "labels.csv"), table);
    }
}
