using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Ledger;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class AdaptiveClippingTests : TrainingFixture
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Trap_1_the_ledger_of_an_adaptive_run_records_gradient_and_counts_together(bool perLayer)
    {
        TrainConfig config = Adaptive(12, perLayer);
        TrainResult result = Train(config, "run");
        LedgerContent ledger = LedgerContent.Read(RunFolder.Open(In("run")).LedgerFile);
        Assert.All(ledger.Events, e => Assert.Equal(1.0, e.NoiseMultiplier));
        int counts = ledger.Plan["adaptive"]!["counts"]!.GetValue<int>();
        Assert.Equal(perLayer ? result.LayerPlan.Count : 1, counts);
        double countNoise = ledger.Plan["adaptive"]!["countNoise"]!.GetValue<double>();
        double gradientNoise = AdaptiveClippingCost.GradientNoiseMultiplier(1.0, countNoise, counts);
        Assert.True(gradientNoise > 1.1); // what an uncharged count would have let the ledger claim
        Assert.Equal("adaptive", result.Privacy.Clipping);
        Assert.Contains("the counts are charged", result.Privacy.Statement, StringComparison.Ordinal);
        Assert.Equal(Train(SmallRun(12) with { Data = config.Data }, "flat").Privacy.Epsilon, result.Privacy.Epsilon);
    }

    [Fact]
    public void A_shuffled_run_records_an_event_an_epoch_for_gradients_and_counts_together()
    {
        TrainConfig config = Adaptive(20, false);
        TrainResult result = Train(config with { Privacy = config.Privacy with { Sampling = SamplingChoice.Shuffled, NoiseMultiplier = 4 } }, "run");
        LedgerContent ledger = LedgerContent.Read(RunFolder.Open(In("run")).LedgerFile);
        Assert.Equal(("shuffled", "zeroOutOne"), (result.Privacy.Sampling, result.Privacy.NeighbouringRelation));
        Assert.All(ledger.Events, e => Assert.Equal(4.0, e.NoiseMultiplier));
        Assert.InRange(ledger.Steps, 2, 5); // epochs of 20 steps
        Assert.Contains("the counts are charged", result.Privacy.Statement, StringComparison.Ordinal);
        Assert.True(LineLog.Read<StepMetrics>(RunFolder.Open(In("run")).MetricsFile).Select(s => s.MaxGradNorm!.Value).Distinct().Count() > 10);
    }

    [Fact]
    public void The_bound_of_a_run_moves_by_the_counts()
    {
        // Nearly all gradients are shorter than 50, so the bound falls towards their median.
        TrainConfig config = Adaptive(60, false) with { Privacy = Adaptive(60, false).Privacy with { MaxGradNorm = 50, NoiseMultiplier = 0.3, AdaptiveLearningRate = 0.5 } };
        Train(config, "run");
        double[] bounds = [.. LineLog.Read<StepMetrics>(RunFolder.Open(In("run")).MetricsFile).Select(s => s.MaxGradNorm!.Value)];
        Assert.Equal(50, bounds[0]);
        Assert.True(bounds[^1] < 0.5 * bounds[0], $"the bound ended at {bounds[^1]}");
        Assert.Equal(60, bounds.Distinct().Count());
    }

    [Theory]
    [InlineData(UnitChoice.Image)]
    [InlineData(UnitChoice.Patient)]
    public void Counts_do_not_depend_on_physical_batches(UnitChoice unit)
    {
        TrainConfig config = Adaptive(4, false);
        config = config with { Privacy = config.Privacy with { Unit = unit }, Train = config.Train with { Optimizer = OptimizerChoice.Sgd, Lr = 0.01 } };
        Assert.Equal(Bounds(config with { Train = config.Train with { PhysicalBatch = 256 } }, "whole"), Bounds(config with { Train = config.Train with { PhysicalBatch = 3 } }, "parts"));
    }

    private static TrainConfig Adaptive(long steps, bool perLayer) => SmallRun(steps) with
    {
        Data = new DataSection { Source = "synth:dermoscopy,images=160,size=16,per-patient=3" },
        Privacy = SmallRun(steps).Privacy with { Clipping = ClippingChoice.Adaptive, AdaptivePerLayer = perLayer },
    };

    private IEnumerable<double?> Bounds(TrainConfig config, string name)
    {
        Train(config, name);
        return LineLog.Read<StepMetrics>(RunFolder.Open(In(name)).MetricsFile).Select(s => s.MaxGradNorm);
    }
}
