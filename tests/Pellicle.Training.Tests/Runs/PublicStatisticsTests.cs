using Pellicle.Core.Errors;
using Pellicle.Models;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class PublicStatisticsTests : TrainingFixture
{
    private const string Public = "synth:fundus,images=700,size=16";

    [Fact]
    public void A_private_run_learns_on_features_scaled_by_public_images_and_says_so()
    {
        TrainResult result = Train(Texture(Public), "run");
        Assert.True(result.Model.TrainableParameters < result.Model.Parameters);
        Assert.NotEqual(Math.Log(2), result.FinalLoss!.Value, 2);
        Assert.Equal($"statistics of {Public}", result.Privacy.Pretraining!.Source);
        Assert.True(result.Privacy.Pretraining.IsPublic);
        Assert.DoesNotContain(result.Privacy.NotCovered, text => text.Contains("initial weights", StringComparison.Ordinal));
        Assert.NotNull(result.Test!.Auc);
    }

    [Fact]
    public void A_killed_and_resumed_run_ends_like_an_uninterrupted_one()
    {
        TrainConfig config = Texture(Public);
        Train(config, "whole");
        Assert.Throws<KilledException>(() => Train(config, "killed", new After(3, () => throw new KilledException())));
        Resume(config, "killed");
        Assert.Equal(WeightsOf("whole"), WeightsOf("killed"));
    }

    [Fact]
    public void Statistics_of_no_images_are_refused() =>
        Assert.Contains("--public-data", Assert.Throws<UsageException>(() => Train(Texture(null), "run")).Hint, StringComparison.Ordinal);

    [Fact]
    public void Statistics_of_the_private_images_are_refused() =>
        Assert.Contains("private images themselves", Assert.Throws<PrivacyRefusedException>(() => Train(Texture("synth:dermoscopy,images=800,size=16") with
        {
            Data = new DataSection { Source = "synth:dermoscopy,images=800,size=16" },
        }, "run")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_network_that_needs_no_public_images_refuses_them()
    {
        TrainConfig config = SmallRun(2);
        Assert.Contains("takes no statistics", Assert.Throws<UsageException>(() => Train(config with { Model = config.Model with { PublicData = Public } }, "run")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_declared_public_are_recorded_as_such_unless_they_come_from_the_same_data()
    {
        TrainConfig config = SmallRun(2);
        Train(config with { Data = new DataSection { Source = "synth:fundus,images=160,size=16" }, Privacy = new PrivacySection { NonPrivate = true } }, "other");
        TrainConfig tuned = config with { Model = config.Model with { Weights = In("other"), WeightsArePublic = true, TrainOnly = TrainedPart.Head } };
        Assert.True(Train(tuned, "tuned").Privacy.Pretraining!.IsPublic);

        Train(config, "same");
        PrivacyRefusedException refused = Assert.Throws<PrivacyRefusedException>(() => Train(tuned with { Model = tuned.Model with { Weights = In("same") } }, "refused"));
        Assert.Contains("--weights-are-public", refused.Message, StringComparison.Ordinal);
    }

    private static TrainConfig Texture(string? publicData)
    {
        TrainConfig config = SmallRun(8);
        return config with
        {
            Model = new ModelSection { Name = "texture_linear", ImageSize = 16, ScatteringScales = 2, ScatteringAngles = 4, PublicData = publicData },
            Train = config.Train with { Augment = "none", Lr = 0.05 },
        };
    }
}
