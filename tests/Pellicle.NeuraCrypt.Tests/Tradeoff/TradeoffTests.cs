using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.NeuraCrypt.Tests.Attacks;
using Pellicle.NeuraCrypt.Tradeoff;
using Pellicle.Privacy.Accounting;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Tradeoff;

public class TradeoffTests
{
    private static readonly EncoderArchitecture Tiny = new() { Depth = 1, PatchSize = 8, HiddenDim = 64, ImageSize = 32 };

    [Theory]
    [InlineData(1, 1e-5)]
    [InlineData(8, 1e-6)]
    [InlineData(1000, 1e-5)]
    public void Noise_is_the_least_that_the_exact_profile_allows_for_replacing_an_image(double epsilon, double delta)
    {
        var mechanism = new ImageGaussianMechanism(epsilon, delta, 32, 1024);
        double mu = mechanism.Sensitivity / mechanism.StandardDeviation;
        Assert.InRange(GaussianProfile.Delta(mu, epsilon), delta * (1 - 1e-6), delta * (1 + 1e-6));
        Assert.InRange(mechanism.Sensitivity, 64, 64 * 1.001); // 2C, and rounding to the grid
    }

    [Fact]
    public void Released_images_are_clipped_and_carry_the_stated_noise()
    {
        using TensorScope scope = TensorScope.Open();
        var mechanism = new ImageGaussianMechanism(100, 1e-5, 5, 4096);
        Tensor images = GaussianTensor.Draw(new SeededRandom(1), 0, 3, 2, 4096); // norm about 192
        Tensor released = mechanism.Release(images, new SystemSecureRandom());
        Tensor clipped = images * (5 / images.Square().Sum(1, keep: true).Sqrt().ToArray<float>()[0]);
        double deviation = (released - clipped).Square().Mean().Sqrt().Item();
        Assert.InRange(deviation, mechanism.StandardDeviation * 0.95, mechanism.StandardDeviation * 1.05); // 8,192 values: 1.1 % is one standard deviation
        Assert.True((released - mechanism.Release(images, new SystemSecureRandom())).Abs().Maximum().Item() > 0);
    }

    [Fact]
    public void Images_within_the_bound_are_not_scaled_and_images_that_are_not_finite_are_refused()
    {
        using TensorScope scope = TensorScope.Open();
        var mechanism = new ImageGaussianMechanism(1e7, 1e-5, 100, 4); // hardly any noise
        Tensor released = mechanism.Release(Tensor.From([1f, 2f, 3f, 4f], 1, 4), new SystemSecureRandom());
        Assert.All([1, 2, 3, 4], v => Assert.InRange(released.ToArray<float>()[v - 1], v - 1f, v + 1f));
        Assert.Throws<ArgumentException>(() => mechanism.Release(Tensor.From([1f, float.NaN], 1, 2), new SystemSecureRandom()));
    }

    [Fact]
    public void Keys_of_the_obfuscator_differ_and_their_layers_are_uniform_of_variance_one_over_width()
    {
        using TensorScope scope = TensorScope.Open();
        using SecretLayer first = SecretLayer.Draw(64, new SystemSecureRandom());
        using SecretLayer second = SecretLayer.Draw(64, new SystemSecureRandom());
        Assert.InRange(first.Weight.Square().Mean().Item() * 64, 0.9, 1.1);
        Assert.InRange(first.Weight.Abs().Maximum().Item(), 0, Math.Sqrt(3.0 / 64));
        Assert.True((first.Weight - second.Weight).Abs().Mean().Item() > 0.05);
        Assert.DoesNotContain(",", first.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Training_the_obfuscator_changes_its_blocks_and_its_encodings_mix_patches()
    {
        using var trial = new AttackTrial(Tiny, 32);
        using MixingNetwork network = new MixingTraining(Tiny, new SystemSecureRandom(), new SeededRandom(3)).Run(trial.Gallery, 5, 0.3, _ => { }, default);
        using MixingNetwork untrained = new MixingTraining(Tiny, new SystemSecureRandom(), new SeededRandom(3)).Run(trial.Gallery, 0, 0.3, _ => { }, default);
        Assert.Contains(network.Parameters().Zip(untrained.Parameters()), pair => (pair.First.Value - pair.Second.Value).Abs().Maximum().Item() > 1e-4);
        using IRowEncoder encoder = new MixingFamily(network, Tiny, new SystemSecureRandom()).Draw([]);
        Tensor picture = trial.Gallery.Pictures([0]);
        Tensor changed = picture.Clone();
        changed.Narrow(2, 0, 8).Narrow(3, 0, 8).FillInPlace(3); // one patch
        Tensor difference = (encoder.Encode(picture) - encoder.Encode(changed)).Abs().Sum(2).Reshape(-1);
        Assert.All(difference.ToArray<float>(), d => Assert.True(d > 0));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_curve_holds_every_way_and_plain_pictures_are_found_at_once()
    {
        TradeoffResult result = new TradeoffPipeline(TimeProvider.System, _ => { }).Run(new TradeoffRequest
        {
            Source = "synth:xray",
            Options = new DatasetOptions { Limit = 600 },
            Architecture = Tiny,
            Epsilons = [1, 1e6],
            ObfuscatorSteps = [0, 5],
            TrainImages = 160,
            TestImages = 64,
            AttackImages = 32,
            AttackSteps = 20,
        });
        Assert.Equal(["plain", "neuracrypt", "mixing", "mixing", "noise", "noise"], result.Points.Select(point => point.Family));
        Assert.All(result.Points, point => Assert.True(point.ControlsPassed, point.Name));
        Assert.All(result.Points, point => Assert.Equal(point.Family == "noise", point.Guarantee is not null));
        Assert.Equal(1, result.Points[0].AssignmentAccuracy);
        Assert.Equal(1, result.Points[0].Guesswork);
        Assert.True(result.Points[4].AssignmentAccuracy < 0.5, "noise of epsilon 1 hides pictures");
        Assert.True(result.Points[5].AssignmentAccuracy > 0.9, "noise of epsilon 1,000,000 does not");
        Assert.All(result.Points, point => Assert.InRange(point.Auc, 0, 1));
    }
}
