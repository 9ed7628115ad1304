using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Attacks;

public class FingerprintTests
{
    [Fact]
    public void Fingerprints_do_not_depend_on_the_order_of_the_patches()
    {
        using TensorScope scope = TensorScope.Open();
        var random = new SeededRandom(1);
        float[] rows = [.. Enumerable.Range(0, 16 * 8).Select(_ => (float)random.NextGaussian())];
        int[] order = PatchShuffle.Draw(16, new FixedRandom(1));
        float[] shuffled = [.. order.SelectMany(row => rows[(row * 8)..((row + 1) * 8)])];
        Fingerprint a = Fingerprint.Of(Tensor.From<float>(rows, 1, 16, 8))[0];
        Fingerprint b = Fingerprint.Of(Tensor.From<float>(shuffled, 1, 16, 8))[0];
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(a.Spectrum[i], b.Spectrum[i], 4)); // 8 of 16 eigenvalues are not zero
        Assert.All(Enumerable.Range(0, 16), i => Assert.Equal(a.RowSums[i], b.RowSums[i], 4));
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(a.Mean[i], b.Mean[i], 5));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Synthetic_X_rays_are_found_again_and_both_controls_hold()
    {
        // A small encoder leaks less than the published size, and keys are fresh each time: 256 wide, 2 of 7 keys stayed below 0.2. Chance is 1/48.
        using var trial = new AttackTrial(AttackTrial.Small with { HiddenDim = 768 }, 48);
        EncodingAttackResult result = trial.Run(new FingerprintAttack());
        Assert.True(result.ControlsPassed, $"identity {result.Controls.Identity}, random bits {result.Controls.RandomBits}");
        Assert.True(result.Worst!.AssignmentAccuracy > 0.2, $"accuracy {result.Worst.AssignmentAccuracy}");
        Assert.Equal(ReidentificationRating.High, result.Rating);
        Assert.Null(result.ControlFailure);
    }

    [Fact]
    public void Equal_pictures_are_one_candidate_and_fail_no_control()
    {
        using var trial = new AttackTrial(AttackTrial.Small with { Depth = 0, HiddenDim = 32 }, 20);
        AttackGallery doubled = trial.WithEveryPictureTwice();
        Assert.Equal(20, doubled.Count);
        Assert.Equal(20, doubled.EqualPictures);
        (ControlResults controls, bool passed) = AttackControls.Run(trial.Scene, trial.Target);
        Assert.True(passed, $"identity {controls.Identity}, random bits {controls.RandomBits}");
    }

    [Fact]
    public void The_curve_attacks_growing_parts_of_one_gallery()
    {
        using var trial = new AttackTrial(AttackTrial.Small with { Depth = 0, HiddenDim = 64 }, 40);
        using IRowEncoder victim = trial.Scene.Family.Draw(trial.Gallery.Batches);
        IReadOnlyList<CurvePoint> curve = FingerprintCurve.Measure(victim, trial.Gallery, [40, 16, 16], trial.Scene, false, default);
        Assert.Equal([16, 40], curve.Select(point => point.Images));
        Assert.All(curve, point => Assert.True(point.AssignmentAccuracy > 3.0 / point.Images, $"{point.Images}: {point.AssignmentAccuracy}"));
    }

    [SharedFact("data/pneumonia-xray-224.zip")]
    [Trait(Speed.Trait, Speed.Full)]
    public void At_least_95_percent_of_128_real_X_rays_are_found_again_at_the_published_size()
    {
        using var trial = new AttackTrial(new EncoderArchitecture(), 128, source: "pack:" + SharedFiles.Locate("data/pneumonia-xray-224.zip"));
        EncodingAttackResult result = trial.Run(new FingerprintAttack());
        Assert.True(result.ControlsPassed, $"identity {result.Controls.Identity}, random bits {result.Controls.RandomBits}");
        Assert.True(result.Worst!.AssignmentAccuracy >= 0.95, $"accuracy {result.Worst.AssignmentAccuracy}");
    }
}
