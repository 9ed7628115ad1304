using Pellicle.Models;
using Pellicle.Nn;
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
        ["adaptive clipping"] = SmallRun() with { Privacy = SmallRun().Privacy with { Clipping = ClippingChoice.Adaptive } },
        ["adaptive clipping per layer"] = SmallRun() with { Privacy = SmallRun().Privacy with { Clipping = ClippingChoice.Adaptive, AdaptivePerLayer = true } },
        ["schedules"] = SmallRun() with { Privacy = SmallRun().Privacy with { NoiseSchedule = "exponential:0.8", ClipSchedule = "table:1,0.5" } },
        ["bfloat16 products"] = SmallRun(14) with
        {
            Model = new ModelSection { Name = "vit_tiny", ImageSize = 16, TrainOnly = TrainedPart.Lora },
            Train = SmallRun(14).Train with { Batch = 8, Precision = ProductPrecision.Bfloat16 },
        },
        ["patients"] = SmallRun() with { Data = new DataSection { Source = "synth:dermoscopy,images=160,size=16,per-patient=4" }, Privacy = SmallRun().Privacy with { Unit = UnitChoice.Patient, MaxImagesPerUnit = 2 } },
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
