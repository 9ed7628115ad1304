using Pellicle.Training.Configuration;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class AugmentMultiplicityTests : TrainingFixture
{
    [Fact]
    public void Views_change_neither_event_nor_rate_nor_epsilon()
    {
        TrainResult one = Train(Views(1, 4), "one");
        TrainResult four = Train(Views(4, 4), "four");
        Assert.Equal(one.Privacy.Phases, four.Privacy.Phases);
        Assert.Equal((one.Privacy.Epsilon, one.Privacy.SampleRate, one.Privacy.N), (four.Privacy.Epsilon, four.Privacy.SampleRate, four.Privacy.N));
        Assert.Equal(4, four.Privacy.AugmentMultiplicity);
        Assert.NotEqual(WeightsOf("one"), WeightsOf("four"));
    }

    [Fact]
    public void Views_of_an_image_that_nothing_changes_give_the_gradient_of_the_image()
    {
        // Without augmentation all views are equal, so their mean is the image's own gradient: the averaging is inside the unit.
        TrainConfig plain = Views(1, 4) with { Train = Views(1, 4).Train with { Augment = "none" } };
        TrainResult one = Train(plain, "one");
        TrainResult four = Train(plain with { Train = plain.Train with { AugmentMultiplicity = 4 } }, "four");
        Assert.Equal(one.FinalLoss!.Value, four.FinalLoss!.Value, 1e-5);
        Assert.Equal(one.ClippedFraction, four.ClippedFraction);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Views_of_a_unit_stay_together_in_any_physical_batch(int physical)
    {
        TrainConfig config = Views(3, 3) with { Privacy = Views(3, 3).Privacy with { Unit = UnitChoice.Patient } };
        TrainResult whole = Train(config, "whole");
        TrainResult parts = Train(config with { Train = config.Train with { PhysicalBatch = physical } }, "parts");
        Assert.Equal(whole.FinalLoss!.Value, parts.FinalLoss!.Value, 1e-4);
        Assert.Equal(whole.ClippedFraction, parts.ClippedFraction);
    }

    private static TrainConfig Views(int views, long steps) => SmallRun(steps) with
    {
        Train = SmallRun(steps).Train with { Augment = "flip,shift", AugmentMultiplicity = views, Optimizer = OptimizerChoice.Sgd, Lr = 0.1 },
    };
}
