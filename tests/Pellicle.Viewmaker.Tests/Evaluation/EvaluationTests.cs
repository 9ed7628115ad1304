using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Native;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Subjects;
using Pellicle.Viewmaker.Tests.Training;

namespace Pellicle.Viewmaker.Tests.Evaluation;

public class EvaluationTests
{
    private static readonly SubjectColumn Sex = new("sex", ["f", "m"], [0, 0, 0, 0, 1, 1, 1, 1]);

    [Fact]
    public void The_frozen_attacker_never_decides()
    {
        double[] perfect = [0, 1, 2, 3, 4, 5, 6, 7], useless = [0, 7, 1, 6, 2, 5, 3, 4];
        AttackerReading Reading(string name, string trainedOn, double[] scores) => new(name, trainedOn, 0, [[[.. scores.Select(s => -s)], scores]], 1);
        string[] units = [.. Enumerable.Range(0, 8).Select(i => $"p{i}")];
        AttributeAttackResult result = new AttributeAttack("t", Sex with { Name = "label" }, new PatientBootstrap(units, 100, 1), 8).Of([Reading("frozen", "original", perfect), Reading("cnn_plain", "obfuscated", useless)], Sex, 0);
        Assert.Equal("cnn_plain", result.WorstAttacker);
        Assert.Equal(0.5, result.WorstLeakage, 0.13);
        Assert.Equal(1, result.Attackers[0].Leakage);
        Assert.Equal(1.0, result.FloorFromFinding); // the finding is the attribute here
    }

    [Fact]
    public void The_interval_is_that_of_the_maximum_and_resamples_patients()
    {
        var random = new SeededRandom(3);
        string[] units = [.. Enumerable.Range(0, 200).Select(i => $"p{i / 2}")];
        var column = new SubjectColumn("sex", ["f", "m"], [.. Enumerable.Range(0, 200).Select(i => i / 2 % 2)]);
        AttackerReading[] readings = [.. Enumerable.Range(0, 5).Select(k =>
        {
            double[] scores = [.. Enumerable.Range(0, 200).Select(_ => random.NextGaussian())];
            return new AttackerReading($"a{k}", "obfuscated", 0, [[[.. scores.Select(s => -s)], scores]], 1);
        })];
        AttributeAttackResult result = new AttributeAttack("t", null, new PatientBootstrap(units, 200, 1), 100).Of(readings, column, 0);
        Assert.True(result.WorstLeakageInterval!.Value.Low > 0.5);
        Assert.True(result.WorstLeakageInterval!.Value.Contains(result.WorstLeakage));
        Assert.InRange(result.WorstLeakage, 0.5, 0.65);
    }

    [Fact]
    public void Fidelity_of_equal_pictures_is_perfect_and_of_a_known_change_exact()
    {
        PictureSet Level(byte value) => PictureSet.Fill(1, 8, 3, (_, samples) => samples.Fill(value));
        Fidelity same = Fidelity.Of(Level(100), Level(100), 0.1), moved = Fidelity.Of(Level(100), Level(151), 0.4);
        Assert.Equal((0.0, 0.0, null), (same.MeanAbsDelta, same.MaxAbsDelta, same.Psnr));
        Assert.Equal(0.2, moved.MeanAbsDelta, 1e-9);
        Assert.Equal(-20 * Math.Log10(0.2), moved.Psnr!.Value, 1e-9);
        Assert.Equal(0.5, moved.BudgetUsed!.Value, 1e-9);
        Assert.Equal(1, moved.Histogram.Sum(), 1e-9);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Fresh_readers_find_a_planted_attribute_and_nothing_in_grey_pictures()
    {
        TrainConfig config = SubjectTests.Config("synth:discs,images=600,size=16,strength=1");
        var options = new AttackOptions { Attackers = ["cnn_plain"], Seeds = 2, Epochs = 20, Replicates = 50 };
        AttributeAttackResult result = new AttributeAttackPipeline(_ => { }).Run(config with { Obfuscate = config.Obfuscate with { Attributes = ["sex"] } }, options, 1).Single();
        Assert.True(result.WorstLeakage > 0.9, $"leakage {result.WorstLeakage}");

        var column = new SubjectColumn("sex", ["f", "m"], [.. Enumerable.Range(0, 64).Select(i => i % 2)]);
        var grey = new LabelledPictures(PictureSet.Fill(1, 16, 64, (_, samples) => samples.Fill(90)), [column]);
        using var reader = Reader.For("cnn_plain", grey.Pictures, grey.Columns, new SeededRandom(1));
        ReaderTraining.Fit(reader, grey, grey, new ReaderTrainingOptions { Epochs = 2 }, new SeededRandom(2), default);
        Assert.Equal(0.5, ColumnScores.Of(reader.Margins(reader.Outputs(grey.Pictures), 0), column).Leakage()!.Value, 1e-9);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_small_run_is_evaluated_from_its_released_files_and_the_gate_counts()
    {
        using var folder = new TemporaryFolder();
        TrainConfig config = SubjectTests.Config("synth:discs,images=300,size=16,strength=1,per-patient=2");
        ObfuscateTrainTests.Train(folder.In("run"), config with { Obfuscate = config.Obfuscate with { Rounds = 2, Attributes = ["sex"] }, Data = config.Data with { Attributes = ["age:54"] } }, null, default);
        ObfuscateEvaluateResult result = new ObfuscateEvaluatePipeline(TimeProvider.System, _ => { }).Run(new ObfuscateEvaluateRequest
        {
            RunFolder = folder.In("run"),
            Attack = new AttackOptions { Attackers = ["cnn_plain", "fine-tuned", "frozen", "probe", "averaging", "restoration"], Seeds = 1, Epochs = 2, Replicates = 40 },
            Budgets = [1],
            Baselines = ["identity", "noise", "blur", "downsample", "random", "pixelate", "pgd", "flow"],
            RequireLeakageBelow = 0.5001,
        });
        Assert.Equal(6, result.Attributes.Single().Attackers.Count);
        Assert.Equal("age", result.Untargeted.Single().Attribute);
        Assert.NotNull(result.Reidentification);
        Assert.True(result.Baselines.Count > 8);
        Assert.InRange(result.Fidelity.MeanAbsDelta, 0, 0.055);
        Assert.Equal(FailureKind.GateFailed, result.Failure!.Kind);
        int files = Directory.GetFiles(result.Released, "*.png", SearchOption.AllDirectories).Length;
        Assert.Equal(result.Splits.AttackerTrain.Images + result.Splits.Validation.Images + result.Splits.Test.Images, files);
        Assert.True(File.Exists(Path.Combine(folder.In("run"), "obfuscation-sheet.png")));
    }

    [Fact]
    public void Evaluation_releases_16_bit_sources_as_16_bit_files_and_reads_all_their_bits()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.In("in"));
        var table = new List<string> { "file,label,sex" };
        for (int i = 0; i < 60; i++)
        {
            File.WriteAllBytes(folder.In("in", $"{i}.png"), ImageCodec.EncodePng16([.. Enumerable.Range(0, 256).Select(k => (ushort)(20000 + (37 * i) + (11 * k)))], 16, 16, 1));
            table.Add($"{i}.png,{i % 2},{(i / 2 % 2 == 0 ? "f" : "m")}");
        }

        File.WriteAllLines(folder.In("in", "labels.csv"), table);
        TrainConfig config = SubjectTests.Config("csv:" + folder.In("in", "labels.csv"));
        using SubjectData data = SubjectData.Open(config with { Obfuscate = config.Obfuscate with { Attributes = ["sex"] } }, 1);
        using var generator = new Generator(new GeneratorOptions { Channels = 1, Widths = [2, 2, 2], Blocks = 0, Budget = 0.05 }, new SeededRandom(1));
        using KeyedNoise noise = KeyedNoise.Fresh();
        PictureSet released = new ReleasedPictures(data, generator, folder.In("released")).Release([0, 1, 2], noise, "test", default);
        byte[] file = File.ReadAllBytes(folder.In("released", "test", "000001.png"));
        Assert.Equal(16, ImageCodec.Probe(file, "1").BitDepth);
        Assert.True(released.IsWide);
        ushort[] samples = ImageCodec.DecodePng16(file, "1", ImageCodec.Probe(file, "1"));
        Assert.Equal(samples[7] / 65535.0, released.Value(1, 7), 1e-6);
        Assert.Contains(Enumerable.Range(0, 256), k => Math.Abs(released.Value(1, k) - (released[1][k] / 255.0)) > 1e-4);
        Assert.Equal(released.Value(2, 9), released.Take([2]).Value(0, 9), 1e-6);
    }

    [Fact]
    public void A_lossy_release_is_read_back_as_the_file_gives_it()
    {
        using var folder = new TemporaryFolder();
        TrainConfig config = SubjectTests.Config("synth:discs,images=60,size=16,strength=1");
        using SubjectData data = SubjectData.Open(config with { Obfuscate = config.Obfuscate with { Attributes = ["sex"] } }, 1);
        using var generator = new Generator(new GeneratorOptions { Widths = [2, 2, 2], Blocks = 0, Budget = 0.05 }, new SeededRandom(1));
        using KeyedNoise noise = KeyedNoise.Fresh();
        PictureSet lossless = new ReleasedPictures(data, generator, folder.In("png")).Release([0, 1], noise, "test", default);
        PictureSet lossy = new ReleasedPictures(data, generator, folder.In("jpeg"), jpegQuality: 30).Release([0, 1], noise, "test", default);
        byte[] file = File.ReadAllBytes(folder.In("jpeg", "test", "000001.jpg"));
        Assert.Equal([0xFF, 0xD8], file[..2]);
        Assert.True(Enumerable.Range(0, lossy.SampleCount).Average(k => Math.Abs(lossy[1][k] - lossless[1][k])) is > 0.5 and < 40);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Full)]
    public void Fresh_networks_of_every_kind_read_originals_as_well_as_the_plain_one()
    {
        TrainConfig config = SubjectTests.Config("synth:discs,images=1500,size=32,strength=1");
        config = config with { Model = config.Model with { ImageSize = 32 }, Obfuscate = config.Obfuscate with { Attributes = ["sex"] } };
        AttributeAttackResult result = new AttributeAttackPipeline(_ => { }).Run(config, new AttackOptions { Attackers = AttackOptions.FreshNetworks, Seeds = 1, Epochs = 20, Replicates = 20 }, 1).Single();
        Assert.All(result.Attackers, attacker => Assert.True(attacker.Leakage > 0.93, $"{attacker.Name}: {attacker.Leakage}"));
    }

    [Fact]
    public void The_area_under_the_privacy_utility_curve_is_that_of_its_staircase()
    {
        BaselinePoint Point(string name, double leakage, double auc) => new(name, "", leakage, auc, 0);
        IReadOnlyList<PrivacyUtilityArea> areas = PrivacyUtilityArea.Of([Point("generator", 0.9, 0.95), Point("generator", 0.6, 0.8), Point("perfect", 0.5, 1), Point("open", 1, 1)]);
        Assert.Equal(["generator", "perfect", "open"], areas.Select(a => a.Name));
        Assert.Equal(((0.1 * 0.5) + (0.3 * 0.8) + (0.1 * 0.95)) / 0.5, areas[0].Area, 1e-12);
        Assert.Equal((1.0, 0.5), (areas[1].Area, areas[2].Area));
    }

    [Fact]
    public void Unknown_attackers_and_baselines_are_refused_with_the_known_ones()
    {
        Assert.Contains("cnn_plain", Assert.Throws<UsageException>(() => new AttackOptions { Attackers = ["oracle"] }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("never decide", Assert.Throws<UsageException>(() => new AttackOptions { Attackers = ["frozen"] }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("pixelate", Assert.Throws<UsageException>(() => Baseline.Of("magic", 0.1, null!, null!, 3)).Message, StringComparison.Ordinal);
    }
}
