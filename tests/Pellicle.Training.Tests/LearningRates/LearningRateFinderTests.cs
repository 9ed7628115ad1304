using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Training.LearningRates;
using Pellicle.Training.Runs;
using Pellicle.Training.Tests.Runs;

namespace Pellicle.Training.Tests.LearningRates;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class LearningRateFinderTests : TrainingFixture
{
    private const string Public = "synth:fundus,images=120,size=16";

    [Fact]
    public void The_rate_found_is_that_of_the_run_and_nothing_is_spent_on_it()
    {
        TrainResult result = Train(Finding(SmallRun(4)), "found");
        LearningRateSearch search = result.LearningRateSearch!;
        Assert.Equal((Public, true, 0.1), (search.Source, search.IsSynthetic, search.NoiseMultiplier!.Value));
        Assert.InRange(search.LearningRate, 1e-6, 0.1);
        TrainConfig kept = RunConfig.Read(RunFolder.Open(In("found")));
        Assert.Equal((search.LearningRate, null), (kept.Train.Lr, kept.Train.FindLr));

        // The same run with that rate by hand: same ledger, same weights.
        Train(WithRate(SmallRun(4), search.LearningRate), "given");
        Assert.Equal(LedgerOf("given"), LedgerOf("found"));
        Assert.Equal(WeightsOf("given"), WeightsOf("found"));
    }

    [Fact]
    public void The_rate_and_the_ledger_do_not_depend_on_the_private_data()
    {
        double first = Train(Finding(SmallRun(2)), "a").LearningRateSearch!.LearningRate;
        TrainConfig other = SmallRun(2) with { Data = new DataSection { Source = "synth:dermoscopy,images=200,size=16" } };
        Assert.Equal(first, Train(Finding(other), "b").LearningRateSearch!.LearningRate);
    }

    [Fact]
    public void The_data_of_a_private_run_are_refused_for_the_range_test()
    {
        TrainConfig config = SmallRun(2);
        Assert.Throws<PrivacyRefusedException>(() => Train(config with { Train = config.Train with { FindLr = config.Data.Source } }, "run"));
        Assert.False(Directory.Exists(In("run")));
    }

    [Fact]
    public void A_run_without_privacy_may_look_at_its_own_data()
    {
        TrainConfig config = SmallRun(2) with { Privacy = new PrivacySection { NonPrivate = true } };
        LearningRateSearch search = Train(config with { Train = config.Train with { FindLr = config.Data.Source } }, "run").LearningRateSearch!;
        Assert.Null(search.NoiseMultiplier);
        Assert.InRange(search.LearningRate, 1e-5, 0.1);
    }

    [Fact]
    public void Noise_that_drowns_every_rate_is_refused_instead_of_answered()
    {
        TrainConfig config = Finding(SmallRun(2));
        TrainConfig drowned = config with { Privacy = config.Privacy with { NoiseMultiplier = 1000 } };
        Assert.Contains("found no learning rate", Assert.Throws<UsageException>(() => Train(drowned, "run")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_killed_run_resumes_with_the_rate_it_found()
    {
        TrainConfig config = Finding(SmallRun(8));
        Train(config, "whole");
        Assert.Throws<KilledException>(() => Train(config, "run", new After(5, () => throw new KilledException())));
        TrainResult resumed = Resume(RunConfig.Read(RunFolder.Open(In("run"))), "run");
        Assert.Equal(WeightsOf("whole"), WeightsOf("run"));
        Assert.NotNull(resumed.LearningRateSearch);
        Assert.Throws<UsageException>(() => Resume(config, "run"));
    }

    // Batches and noise for which a range test of a hundred steps sees something.
    private static TrainConfig Learnable(TrainConfig config) => config with { Privacy = config.Privacy with { NoiseMultiplier = 0.1 }, Train = config.Train with { Batch = 64 } };

    private static TrainConfig Finding(TrainConfig config) => Learnable(config with { Train = config.Train with { FindLr = Public } });

    private static TrainConfig WithRate(TrainConfig config, double rate) => Learnable(config with { Train = config.Train with { Lr = rate } });
}
