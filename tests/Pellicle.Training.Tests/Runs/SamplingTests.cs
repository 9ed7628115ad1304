using Pellicle.Core.Errors;
using Pellicle.Privacy.Ledger;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class SamplingTests : TrainingFixture
{
    [Theory]
    [InlineData(SamplingChoice.Poisson, "poisson", "addOrRemoveOne", "poissonSampledGaussian")]
    [InlineData(SamplingChoice.FixedSize, "fixedSize", "replaceOne", "fixedSizeSampledGaussian")]
    [InlineData(SamplingChoice.Shuffled, "shuffled", "zeroOutOne", "shuffledEpochGaussian")]
    [InlineData(SamplingChoice.Full, "fullBatch", "addOrRemoveOne", "fullBatchGaussian")]
    public void Trap_7_each_way_of_sampling_has_its_own_relation_event_and_statement(SamplingChoice choice, string sampling, string relation, string kind)
    {
        TrainResult result = Train(Sampled(choice, 12), "run");
        Assert.Equal((sampling, relation), (result.Privacy.Sampling, result.Privacy.NeighbouringRelation));
        LedgerContent ledger = LedgerContent.Read(RunFolder.Open(In("run")).LedgerFile);
        Assert.All(ledger.Events, e => Assert.Equal(kind, e.Kind));
        Assert.Equal(12, result.Privacy.Steps);
        Assert.Contains(relation switch { "replaceOne" => "replace one", "zeroOutOne" => "zero out one", _ => "add or remove one" }, result.Privacy.Statement, StringComparison.Ordinal);
        Assert.NotNull(result.Privacy.Epsilon);
    }

    [Fact]
    public void Full_batches_take_all_units_in_every_step()
    {
        TrainResult result = Train(Sampled(SamplingChoice.Full, 3), "run");
        Assert.All(LineLog.Read<StepMetrics>(RunFolder.Open(In("run")).MetricsFile), s => Assert.Equal(result.Data.NTrain, s.BatchSize));
        Assert.Equal((1.0, result.Data.NTrain, (double)result.Data.NTrain), (result.Privacy.SampleRate!.Value, (int)result.Privacy.ExpectedBatchSize!.Value, result.Privacy.AveragingDivisor!.Value));
        Assert.Equal(3, result.Epochs);
        Assert.Equal(result.Data.NTrain, RunConfig.Read(RunFolder.Open(In("run"))).Train.Batch);
    }

    [Fact]
    public void Shuffled_epochs_are_whole_and_cost_one_event_each()
    {
        TrainConfig config = Sampled(SamplingChoice.Shuffled, 1) with { Train = SmallRun().Train with { Epochs = 3, Steps = null, Batch = 50 } };
        TrainResult result = Train(config, "run");
        long perEpoch = (result.Data.NTrain + 49) / 50;
        Assert.Equal(3 * perEpoch, result.Steps);
        Assert.Equal(3, Assert.Single(result.Privacy.Phases).Steps);
        Assert.Equal(3 * result.Data.NTrain, LineLog.Read<StepMetrics>(RunFolder.Open(In("run")).MetricsFile).Sum(s => s.BatchSize));
    }

    [Fact]
    public void An_interrupted_shuffled_run_has_spent_the_epochs_it_began_only()
    {
        using var source = new CancellationTokenSource();
        TrainConfig config = Sampled(SamplingChoice.Shuffled, 30) with { Train = SmallRun(30).Train with { Batch = 40 } };
        TrainResult result = Train(config, "run", new After(5, source.Cancel), source.Token);
        Assert.Equal(RunStatus.Interrupted, result.Status);
        Assert.Equal(2, Assert.Single(result.Privacy.Phases).Steps); // the fifth step is in the second epoch of three or four steps
    }

    [Fact]
    public void Pairs_that_no_analysis_covers_are_refused()
    {
        TrainConfig config = Sampled(SamplingChoice.FixedSize, 3);
        Assert.Throws<UsageException>(() => Train(config with { Privacy = config.Privacy with { Accountant = AccountantChoice.Prv } }, "run"));
        Assert.False(Directory.Exists(In("run")));
    }

    private static TrainConfig Sampled(SamplingChoice choice, long steps) => SmallRun(steps) with { Privacy = SmallRun(steps).Privacy with { Sampling = choice, NoiseMultiplier = 4 } };
}
