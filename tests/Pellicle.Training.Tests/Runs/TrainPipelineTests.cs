using Pellicle.Core.Errors;
using Pellicle.Native;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Ledger;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class TrainPipelineTests : TrainingFixture
{
    [Fact]
    public void Training_stops_before_the_step_that_would_exceed_the_budget()
    {
        TrainConfig unlimited = SmallRun(60);
        Train(unlimited, "free");
        IReadOnlyList<StepMetrics> steps = LineLog.Read<StepMetrics>(RunFolder.Open(In("free")).MetricsFile);
        double limit = (steps[24].Epsilon!.Value + steps[25].Epsilon!.Value) / 2;
        TrainResult stopped = Train(unlimited with { Privacy = unlimited.Privacy with { MaxEpsilon = limit } }, "limited");
        Assert.Equal(RunStatus.StoppedByBudget, stopped.Status);
        Assert.Equal(25, stopped.Steps);
        Assert.Equal(25, stopped.Privacy.Steps);
        Assert.True(stopped.Privacy.Epsilon <= limit);
    }

    [Fact]
    public void A_budget_without_room_for_one_step_is_refused_and_leaves_no_folder()
    {
        TrainConfig config = SmallRun() with { Privacy = SmallRun().Privacy with { MaxEpsilon = 1e-4 } };
        Assert.Throws<PrivacyBudgetExceededException>(() => Train(config, "run"));
        Assert.False(Directory.Exists(In("run")));
    }

    [Fact]
    public void Physical_batches_change_the_weights_by_rounding_only()
    {
        TrainConfig config = SmallRun(5) with { Train = SmallRun(5).Train with { Optimizer = OptimizerChoice.Sgd, Lr = 0.1 } };
        float[] whole = Weights(config with { Train = config.Train with { PhysicalBatch = 256 } }, "whole");
        float[] parts = Weights(config with { Train = config.Train with { PhysicalBatch = 3 } }, "parts");
        double distance = Math.Sqrt(whole.Zip(parts, (a, b) => ((double)a - b) * (a - b)).Sum());
        double norm = Math.Sqrt(whole.Sum(a => (double)a * a));
        // Float32 sums of about 20 terms in another order, over five steps.
        Assert.True(distance / norm < 1e-5, $"relative distance {distance / norm:E1}");
    }

    [Fact]
    public void Empty_batches_are_steps_with_noise()
    {
        TrainConfig config = SmallRun(40) with { Train = SmallRun(40).Train with { Batch = 1 } };
        TrainResult result = Train(config, "run");
        IReadOnlyList<StepMetrics> steps = LineLog.Read<StepMetrics>(RunFolder.Open(In("run")).MetricsFile);
        Assert.Equal(40, steps.Count);
        Assert.Equal(steps.Count(s => s.BatchSize == 0), result.EmptyBatches);
        // (1 - 1/n)^n is about 0.37: none in 40 steps has a chance of 1e-8.
        Assert.NotEqual(0, result.EmptyBatches);
        Assert.All(steps.Where(s => s.BatchSize == 0), s => Assert.Null(s.Loss));
        Assert.Equal(40, result.Privacy.Steps);
    }

    [Fact]
    public void The_count_of_units_is_not_called_public_because_it_comes_from_the_data()
    {
        TrainResult result = Train(SmallRun(2), "run");
        Assert.False(result.Privacy.NIsPublic);
        Assert.Contains(result.Privacy.NotCovered, text => text.StartsWith("n itself", StringComparison.Ordinal));
    }

    [Fact]
    public void Trap_15_the_model_is_that_of_the_last_step_whatever_validation_says()
    {
        TrainConfig config = SmallRun(6);
        TrainResult looked = Train(config, "looked");
        new TrainPipeline(TimeProvider.System, new Silent()).Run(Request(config, "blind") with { EvaluateAtEnd = false });
        Assert.NotNull(looked.Test);
        Assert.Equal(WeightsOf("blind"), WeightsOf("looked"));
        Assert.False(looked.Privacy.CoversTuning);
        Assert.Contains(looked.Privacy.NotCovered, text => text.StartsWith("choosing settings, stopping times or models", StringComparison.Ordinal));
        var choosing = new ConfigSources
        {
            Options = [.. new[] { ("data.source", "synth:xray"), ("privacy.targetEpsilon", "3"), ("train.keepBest", "true"), ("train.schedule", "plateau") }
                .Select(one => new RawSetting(one.Item1, one.Item2, new SettingOrigin(SettingLayer.Option, SettingCatalog.Find(one.Item1)!.Option)))],
        };
        Problem[] refused = [.. TrainConfigLoader.Check(TrainConfigLoader.Read(choosing, [])).Where(problem => problem.Message.Contains("guarantee", StringComparison.Ordinal))];
        Assert.Equal(2, refused.Length);
    }

    [Fact]
    public void Trap_22_the_reported_epsilon_is_that_of_the_events_in_the_ledger()
    {
        TrainResult result = Train(SmallRun(12), "run");
        LedgerContent ledger = LedgerContent.Read(RunFolder.Open(In("run")).LedgerFile);
        Assert.Equal(12, ledger.Steps);
        Assert.Equal(new RdpAccountant().Epsilon(ledger.TotalHistory, 1e-3).Epsilon, result.Privacy.Epsilon!.Value, 1e-12);
        Assert.Equal(ledger.Hash, result.Privacy.LedgerHash);
        Assert.All(ledger.TotalHistory.Phases, phase => Assert.Equal((1.0, 16.0 / result.Privacy.N!.Value), (phase.Event.NoiseMultiplier, phase.Event.SampleRate)));
    }

    [Fact]
    public void The_readme_of_the_model_says_what_it_is_for_what_it_saw_how_well_it_works_and_what_is_guaranteed()
    {
        TrainResult result = Train(SmallRun(4), "run");
        string readme = File.ReadAllText(Path.Combine(In("run"), "model", "README.md"));
        Assert.Contains("research use, not a medical device", readme, StringComparison.Ordinal);
        Assert.Contains("SYNTHETIC", readme, StringComparison.Ordinal);
        Assert.Contains($"{result.Data.NTrain} images for training", readme, StringComparison.Ordinal);
        Assert.Contains(result.Privacy.Statement, readme, StringComparison.Ordinal);
        Assert.Matches(@"- test, \d+ images: AUC \d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]", readme);
        Assert.Contains("## Limits", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_number_of_units_is_a_constant_of_the_plan()
    {
        TrainConfig config = SmallRun(3);
        TrainResult result = Train(config with { Privacy = config.Privacy with { N = 500 } }, "run");
        Assert.True(result.Privacy.NIsPublic);
        Assert.Equal((500, 16.0 / 500), (result.Privacy.N!.Value, result.Privacy.SampleRate!.Value));
        Assert.DoesNotContain(result.Privacy.NotCovered, text => text.StartsWith("n itself", StringComparison.Ordinal));
        Assert.Throws<PrivacyRefusedException>(() => Train(config with { Privacy = config.Privacy with { N = 500, Sampling = SamplingChoice.Shuffled } }, "shuffled"));
    }

    [Fact]
    public void A_run_leaves_no_tensor_behind()
    {
        Train(SmallRun(2), "warm");
        long before = NativeRuntime.LiveTensors;
        Train(SmallRun(4), "run");
        Assert.Equal(before, NativeRuntime.LiveTensors);
    }

    [Fact]
    public void Ordinary_training_learns_the_planted_signal()
    {
        TrainConfig config = SmallRun() with
        {
            Data = new DataSection { Source = "synth:dermoscopy,images=600,size=16" },
            Privacy = new PrivacySection { NonPrivate = true },
            Train = new TrainSection { Batch = 32, Epochs = 25, Lr = 3e-3, Optimizer = OptimizerChoice.Adam },
        };
        TrainResult result = Train(config, "run");
        Assert.False(result.Privacy.Private);
        Assert.True(result.Test!.Auc > 0.65, $"test AUC {result.Test.Auc}");
    }

    [Fact]
    public void A_dry_run_plans_everything_and_writes_nothing()
    {
        TrainResult plan = new TrainPipeline(TimeProvider.System, new Silent()).DryRun(Request(SmallRun(), "run"));
        Assert.Equal(RunStatus.DryRun, plan.Status);
        Assert.Equal(30, plan.PlannedSteps);
        Assert.NotEmpty(plan.LayerPlan);
        Assert.True(plan.EstimatedSeconds > 0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
    }

    [Fact]
    public void Planted_images_are_units_of_the_training_split()
    {
        TrainRequest request = Request(SmallRun(3), "run") with { Planted = [new PlantedImage { Record = 0, Label = 1 }, new PlantedImage { Pixels = new float[3 * 16 * 16], Label = 0 }] };
        TrainResult with = new TrainPipeline(TimeProvider.System, new Silent()).Run(request);
        TrainResult without = Train(SmallRun(3), "plain");
        Assert.Equal(without.Privacy.N, with.Privacy.N); // n is a public constant of the plan: an audit must not change it
        Assert.Equal(without.Data.NTrain + 2, with.Data.NTrain);
    }

    [Fact]
    public void Class_weights_must_match_the_classes()
    {
        TrainConfig config = SmallRun() with { Train = SmallRun().Train with { ClassWeights = [1.0, 2.0, 3.0] } };
        Assert.Throws<UsageException>(() => Train(config, "run"));
    }

    [Fact]
    public void A_folder_with_files_is_not_overwritten()
    {
        Directory.CreateDirectory(In("run"));
        File.WriteAllText(Path.Combine(In("run"), "notes.txt"), "mine");
        Assert.Throws<UsageException>(() => Train(SmallRun(), "run"));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(In("run"), "notes.txt")));
    }

    private float[] Weights(TrainConfig config, string name)
    {
        Train(config, name);
        using var file = Formats.Safetensors.SafetensorsFile.Read(Path.Combine(In(name), "model", "model.safetensors"));
        return [.. file.Entries.Keys.Order(StringComparer.Ordinal).SelectMany(file.ReadFloats)];
    }
}
