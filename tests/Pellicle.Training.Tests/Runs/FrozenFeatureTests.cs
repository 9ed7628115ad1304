using Pellicle.Models;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class FrozenFeatureTests : TrainingFixture
{
    [Theory]
    [InlineData("scatter_linear", true)]
    [InlineData("scatter_linear", false)]
    [InlineData("scatter_cnn", true)]
    [InlineData("vit_tiny", true)]
    public void Kept_features_give_the_weights_that_features_of_every_step_give(string model, bool isPrivate)
    {
        TrainConfig config = Frozen(model, isPrivate);
        TrainResult kept = Train(config, "kept");
        TrainResult computed = Train(config with { Train = config.Train with { FeatureCache = 0 } }, "computed");
        if (model == "vit_tiny")
        {
            // Matrix products round by their number of rows: one unit in the last place of features of size 1, times a rate of 0.05.
            AssertNear(HeadOf("computed"), HeadOf("kept"), 1e-6);
        }
        else
        {
            Assert.Equal(WeightsOf("computed"), WeightsOf("kept"));
            Assert.Equal(kept.FinalLoss, computed.FinalLoss);
        }

        Assert.Equal(0, computed.FeatureCacheBytes);
        Assert.InRange(kept.FeatureCacheBytes!.Value, 1, 64 << 20);
        Assert.Equal(kept.PhysicalBatchSize, computed.PhysicalBatchSize);
        Assert.NotEqual(kept.FinalLoss!.Value, Math.Log(2), 3); // something was learned: equal untouched weights would prove nothing
    }

    [Fact]
    public void A_killed_and_resumed_run_with_kept_features_ends_like_an_uninterrupted_one()
    {
        TrainConfig config = Frozen("scatter_linear", isPrivate: true);
        Train(config, "whole");
        Assert.Throws<KilledException>(() => Train(config, "killed", new After(3, () => throw new KilledException())));
        Resume(config, "killed");
        Assert.Equal(WeightsOf("whole"), WeightsOf("killed"));
        Assert.Equal(LedgerOf("whole"), LedgerOf("killed"));
    }

    [Fact]
    public void A_dry_run_says_whether_features_are_kept_and_what_they_take()
    {
        TrainConfig config = Frozen("scatter_linear", isPrivate: true);
        (TrainResult kept, string keptNote) = Plan(config);
        long images = kept.Data.NTrain;
        Assert.Equal(images * 3 * 81 * 4 * 4 * sizeof(float), kept.FeatureCacheBytes);
        Assert.Contains("computed once and kept", keptNote, StringComparison.Ordinal);

        // 16 × 81 × 3 numbers an image: 128 images need 1.9 MiB.
        (TrainResult small, string smallNote) = Plan(config with { Train = config.Train with { FeatureCache = 1 } });
        Assert.Equal(0, small.FeatureCacheBytes);
        Assert.Contains("more than --feature-cache allows (1 MiB)", smallNote, StringComparison.Ordinal);

        (TrainResult augmented, string augmentedNote) = Plan(config with { Train = config.Train with { Augment = "flip" } });
        Assert.Equal(0, augmented.FeatureCacheBytes);
        Assert.Contains("because views are augmented", augmentedNote, StringComparison.Ordinal);

        Assert.Null(Plan(SmallRun(2)).Planned.FeatureCacheBytes);
    }

    [Fact]
    public void Large_logical_batches_of_features_are_computed_at_once()
    {
        TrainConfig config = Frozen("scatter_linear", isPrivate: true);
        config = config with { Data = config.Data with { Source = "synth:dermoscopy,images=2000,size=16" }, Train = config.Train with { Batch = 1500 } };
        Assert.InRange(Plan(config).Planned.PhysicalBatchSize, 1500, 2000);
    }

    [Fact]
    public void Patients_with_several_images_train_on_kept_features()
    {
        TrainConfig config = Frozen("scatter_linear", isPrivate: true);
        config = config with { Privacy = config.Privacy with { Unit = UnitChoice.Patient } };
        Train(config, "kept");
        Train(config with { Train = config.Train with { FeatureCache = 0 } }, "computed");
        Assert.Equal(WeightsOf("computed"), WeightsOf("kept"));
    }

    private static void AssertNear(float[] expected, float[] actual, double tolerance) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));

    private float[] HeadOf(string run)
    {
        using ImageClassifier model = ImageClassifier.Open(Path.Combine(In(run), "model", "model.safetensors"));
        return model.Head.Weight.Value.ToArray<float>();
    }

    private (TrainResult Planned, string Notes) Plan(TrainConfig config)
    {
        var observer = new Listening();
        TrainResult planned = new TrainPipeline(TimeProvider.System, observer).DryRun(Request(config, "planned"));
        return (planned, string.Join('\n', observer.Notes));
    }

    private static TrainConfig Frozen(string model, bool isPrivate)
    {
        TrainConfig config = SmallRun(8);
        return config with
        {
            Model = new ModelSection { Name = model, ImageSize = 16, TrainOnly = model == "vit_tiny" ? TrainedPart.Head : TrainedPart.All },
            Privacy = isPrivate ? config.Privacy : new PrivacySection { NonPrivate = true },
            Train = config.Train with { Augment = "none", Lr = 0.05 },
        };
    }

    private sealed class Listening : ITrainingObserver
    {
        public List<string> Notes { get; } = [];

        public void Note(string text) => Notes.Add(text);

        public void Warn(string text)
        {
            // Only notes are asked for.
        }

        public void StepTaken(Training.Runs.StepMetrics metrics, long plannedSteps)
        {
            // Only notes are asked for.
        }
    }
}
