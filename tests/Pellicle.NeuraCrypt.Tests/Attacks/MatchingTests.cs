using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Attacks;

public class MatchingTests
{
    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_published_break_finds_at_least_95_percent_of_synthetic_X_rays()
    {
        // At a quarter of this width the moments of patches are too rough and half are found.
        using var trial = new AttackTrial(new EncoderArchitecture { PatchSize = 16, HiddenDim = 1024, ImageSize = 128 }, 20, new AttackBudget { Steps = 500, OwnEncoders = 3 });
        EncodingAttackResult result = trial.Run(new MatchingAttack());
        EncodingMethodResult method = result.Methods[0];
        string stages = string.Join(", ", method.Stages.Select(stage => $"{stage.Name} {stage.Value:F2}"));
        Assert.True(result.ControlsPassed, stages);
        Assert.Equal(["firstMatching", "fingerprintMatching", "positions", "clone1", "clone2", "clone3"], method.Stages.Select(stage => stage.Name));
        Assert.True(method.AssignmentAccuracy >= 0.95, stages);
        Assert.True(method.Extra["contrastiveLoss"] < method.Extra["contrastiveChance"], stages);
    }

    [Fact]
    public void Moments_of_patches_are_standardised_and_do_not_depend_on_the_order_of_features()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor rows = GaussianTensor.Draw(new Core.Random.SeededRandom(4), 1, 2, 30, 12);
        Tensor moments = PatchMoments.Standardised(rows);
        Assert.Equal([30, PatchMoments.Count], moments.Shape);
        Assert.InRange(moments.Mean(0).Abs().Maximum().Item(), 0, 1e-5);
        long[] reversed = [.. Enumerable.Range(0, 12).Reverse().Select(i => (long)i)];
        Tensor again = PatchMoments.Standardised(rows.IndexSelect(1, Tensor.From<long>(reversed, 12)));
        Assert.InRange((moments - again).Abs().Maximum().Item(), 0, 1e-3);
    }
}
