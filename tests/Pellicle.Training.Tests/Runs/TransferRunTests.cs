using Pellicle.Core.Errors;
using Pellicle.Models;
using Pellicle.Privacy.Clipping;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class TransferRunTests : TrainingFixture
{
    [Theory]
    [InlineData(TrainedPart.Head, true)]
    [InlineData(TrainedPart.Bias, false)]
    [InlineData(TrainedPart.Lora, true)]
    [InlineData(TrainedPart.Lora, false)]
    public void A_killed_and_resumed_transfer_run_ends_like_an_uninterrupted_one_and_leaves_a_plain_network(TrainedPart part, bool isPrivate)
    {
        TrainConfig config = Transformer(part, isPrivate);
        TrainResult whole = Train(config, "whole");
        Assert.Throws<KilledException>(() => Train(config, "killed", new After(2, () => throw new KilledException())));
        TrainResult resumed = Resume(config, "killed");
        Assert.Equal(WeightsOf("whole"), WeightsOf("killed"));
        Assert.Equal(isPrivate, resumed.Privacy.Private);
        Assert.True(whole.Model.TrainableParameters < whole.Model.Parameters / 5);
        Assert.Equal(whole.Model.TrainableParameters, whole.LayerPlan.Sum(row => row.TrainableParameters));

        // Opens by its own description, so no low-rank pair is left in it.
        using ImageClassifier saved = ImageClassifier.Open(Path.Combine(In("whole"), "model", "model.safetensors"));
        using ImageClassifier fresh = ModelCatalog.Create(saved.Spec, new Core.Random.SeededRandom(config.Seed).Derive("init"));
        Dictionary<string, float[]> initial = fresh.Parameters.ToDictionary(p => p.Name, p => p.Value.ToArray<float>());
        string[] changed = [.. saved.Parameters.Where(p => !p.Value.ToArray<float>().SequenceEqual(initial[p.Name])).Select(p => p.Name)];
        Assert.Contains("head.weight", changed);
        Assert.Equal(part == TrainedPart.Bias, changed.Contains("blocks.0.norm1.bias"));
        Assert.Equal(part == TrainedPart.Lora, changed.Contains("blocks.0.attn.qkv.weight"));
        Assert.DoesNotContain("pos_embed", changed);
    }

    [Fact]
    public void The_plan_of_a_dry_run_lists_what_is_trained()
    {
        TrainResult plan = new TrainPipeline(TimeProvider.System, new Silent()).DryRun(Request(Transformer(TrainedPart.Head, true), "run"));
        Assert.All(plan.LayerPlan, row => Assert.Equal(row.Layer == "head", row.Method != ClippingMethod.Frozen));
    }

    [Fact]
    public void Batch_normalisation_trains_and_resumes_without_privacy()
    {
        TrainConfig plain = Residual(BatchNormReplacement.None, isPrivate: false);
        Assert.Equal("resnet18", Train(plain, "plain").Model.Name);
        Assert.Throws<KilledException>(() => Train(plain, "killed", new After(1, () => throw new KilledException())));
        Resume(plain, "killed");
        Assert.Equal(WeightsOf("plain"), WeightsOf("killed"));
    }

    [Fact]
    public void Trap_10_private_training_refuses_batch_normalisation_by_path_and_takes_the_remedies()
    {
        UnsupportedLayerException refused = Assert.Throws<UnsupportedLayerException>(() => Train(Residual(BatchNormReplacement.None, isPrivate: true), "refused"));
        Assert.Equal(20, refused.Problems.Count);
        Assert.Contains("layer2.0.downsample.1", refused.Problems.Select(problem => problem.Where));
        Assert.All(refused.Problems, problem => Assert.Contains("--replace-batch-norm group", problem.Hint, StringComparison.Ordinal));
        Assert.False(Directory.Exists(In("refused")));
        Assert.Equal("resnet18_gn", Train(Residual(BatchNormReplacement.Group, isPrivate: true), "converted").Model.Name);
        Assert.Equal("resnet18", Train(Residual(BatchNormReplacement.Fixed, isPrivate: true), "fixed").Model.Name);
    }

    [Fact]
    public void Settings_that_leave_nothing_to_train_or_name_no_layer_are_refused()
    {
        TrainConfig config = Transformer(TrainedPart.Head, true);
        Assert.Throws<UsageException>(() => Train(config with { Model = config.Model with { Freeze = ["head"] } }, "run"));
        Assert.Contains("'heads'", Assert.Throws<UsageException>(() => Train(config with { Model = config.Model with { Freeze = ["heads"] } }, "run")).Message, StringComparison.Ordinal);
    }

    private static TrainConfig Transformer(TrainedPart part, bool isPrivate)
    {
        TrainConfig config = SmallRun(4);
        return config with
        {
            Model = new ModelSection { Name = "vit_tiny", ImageSize = 16, TrainOnly = part, LoraRank = part == TrainedPart.Lora ? 2 : null },
            Privacy = isPrivate ? config.Privacy : new PrivacySection { NonPrivate = true },
        };
    }

    private static TrainConfig Residual(BatchNormReplacement replacement, bool isPrivate)
    {
        TrainConfig config = SmallRun(2);
        return config with
        {
            Model = new ModelSection { Name = "resnet18", ImageSize = 32, ReplaceBatchNorm = replacement },
            Privacy = isPrivate ? config.Privacy : new PrivacySection { NonPrivate = true },
        };
    }
}
