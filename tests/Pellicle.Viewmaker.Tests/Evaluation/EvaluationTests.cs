using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Readers;
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
        AttributeAttackResult result = new AttributeAttackPipeline(_ => { }).Run(config with { Obfuscate = config.Obfuscate with { Attributes = ["sex"] } }, options, 1);
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
    public void Unknown_attackers_and_baselines_are_refused_with_the_known_ones()
    {
        Assert.Contains("cnn_plain", Assert.Throws<UsageException>(() => new AttackOptions { Attackers = ["oracle"] }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("never decides", Assert.Throws<UsageException>(() => new AttackOptions { Attackers = ["frozen"] }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("pixelate", Assert.Throws<UsageException>(() => Baseline.Of("magic", 0.1, null!, null!, 3)).Message, StringComparison.Ordinal);
    }
}
