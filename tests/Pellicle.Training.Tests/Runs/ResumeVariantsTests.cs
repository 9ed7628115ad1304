using Pellicle.Training.Configuration;

namespace Pellicle.Training.Tests.Runs;

/// <summary>Kill and resume for every feature that keeps a state of its own.</summary>
[Trait(Speed.Trait, Speed.Slow)]
public sealed class ResumeVariantsTests : TrainingFixture
{
    private static readonly Dictionary<string, TrainConfig> Variants = new()
    {
        ["views and moving average"] = SmallRun() with { Train = SmallRun().Train with { AugmentMultiplicity = 3, Ema = 0.9 } },
        ["fixed-size batches"] = SmallRun() with { Privacy = SmallRun().Privacy with { Sampling = SamplingChoice.FixedSize } },
        ["shuffled batches"] = SmallRun() with { Privacy = SmallRun().Privacy with { Sampling = SamplingChoice.Shuffled } },
        ["full batches"] = SmallRun(14) with { Privacy = SmallRun().Privacy with { Sampling = SamplingChoice.Full, NoiseMultiplier = 4 } },
    };

    public static TheoryData<string> Names => [.. Variants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_killed_run_with_a_state_of_its_own_resumes_to_the_same_model_and_ledger(string variant)
    {
        TrainConfig config = Variants[variant];
        Train(config, "whole");
        Assert.Throws<KilledException>(() => Train(config, "killed", new After(12, () => throw new KilledException())));
        Resume(config, "killed");
        Assert.Equal(LedgerOf("whole"), LedgerOf("killed"));
        Assert.Equal(WeightsOf("whole"), WeightsOf("killed"));
    }
}
