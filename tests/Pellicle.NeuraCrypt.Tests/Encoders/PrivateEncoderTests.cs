using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Encoders;

public class PrivateEncoderTests
{
    [Theory]
    [InlineData(EncoderNormalisation.Batch)]
    [InlineData(EncoderNormalisation.Frozen)]
    [InlineData(EncoderNormalisation.None)]
    public void Width_factor_2_in_colour_matches_loops_in_double(EncoderNormalisation normalisation)
    {
        using TensorScope scope = TensorScope.Open();
        var architecture = new EncoderArchitecture { Depth = 2, PatchSize = 4, Channels = 3, HiddenDim = 12, WidthFactor = 2, ImageSize = 16, Normalisation = normalisation };
        EncoderWeights weights = Derive(architecture);
        float[] pixels = Pixels(architecture, 5);
        IReadOnlyList<NormStatistics> statistics = EncoderCalibration.Measure(weights, [Batch(architecture, pixels)]);
        using var encoder = new PrivateEncoder(weights, statistics);
        double[] expected = ReferenceEncoder.Encode(weights, Array.ConvertAll(pixels, v => (double)v), statistics);
        Tensor found = encoder.Encode(Batch(architecture, pixels));
        Assert.Equal([5L, 16L, 12L], found.Shape);
        EncoderParityTests.AssertClose(Array.ConvertAll(expected, v => (float)v), found.ToArray<float>(), 1e-5);
    }

    [Fact]
    public void Frozen_statistics_of_a_batch_give_what_batch_mode_gives()
    {
        using TensorScope scope = TensorScope.Open();
        EncoderArchitecture frozen = Small with { Normalisation = EncoderNormalisation.Frozen };
        EncoderWeights weights = Derive(frozen);
        float[] pixels = Pixels(frozen, 6);
        using var folded = new PrivateEncoder(weights, EncoderCalibration.Measure(weights, [Batch(frozen, pixels)]));
        using var batch = new PrivateEncoder(weights.Under(Small with { Normalisation = EncoderNormalisation.Batch }));
        EncoderParityTests.AssertClose(batch.Encode(Batch(frozen, pixels)).ToArray<float>(), folded.Encode(Batch(frozen, pixels)).ToArray<float>(), 1e-5);
    }

    [Fact]
    public void A_frozen_encoding_does_not_depend_on_the_other_images()
    {
        using TensorScope scope = TensorScope.Open();
        EncoderArchitecture frozen = Small with { Normalisation = EncoderNormalisation.Frozen };
        EncoderWeights weights = Derive(frozen);
        float[] pixels = Pixels(frozen, 4);
        using var encoder = new PrivateEncoder(weights, EncoderCalibration.Measure(weights, [Batch(frozen, pixels)]));
        float[] together = encoder.Encode(Batch(frozen, pixels)).ToArray<float>();
        int size = pixels.Length / 4;
        float[] alone = encoder.Encode(Batch(frozen, pixels[(3 * size)..])).ToArray<float>();
        EncoderParityTests.AssertClose(together[(3 * alone.Length)..], alone, 1e-6);
        Assert.False(encoder.MixesImages);
    }

    [Fact]
    public void Calibration_measures_biased_variance_over_all_batches_together()
    {
        using TensorScope scope = TensorScope.Open();
        EncoderArchitecture one = Small with { Depth = 1, Normalisation = EncoderNormalisation.Frozen };
        EncoderWeights weights = Derive(one);
        float[] pixels = Pixels(one, 5);
        int size = pixels.Length / 5;
        NormStatistics split = EncoderCalibration.Measure(weights, [Batch(one, pixels[..(2 * size)]), Batch(one, pixels[(2 * size)..])])[0];
        NormStatistics whole = EncoderCalibration.Measure(weights, [Batch(one, pixels)])[0];
        Assert.All(Enumerable.Range(0, one.Width), c => Assert.Equal(whole.Variance[c], split.Variance[c], 6));
        using var none = new PrivateEncoder(weights.Under(one with { Normalisation = EncoderNormalisation.None }));
        var values = new List<float[]>();
        none.Encode(Batch(one, pixels), (name, value) =>
        {
            if (name == "stage.02.Conv2d")
            {
                values.Add(value.ToArray<float>());
            }
        });
        NormStatistics loop = ReferenceEncoder.Measure(Array.ConvertAll(values[0], v => (double)v), one.Width);
        Assert.All(Enumerable.Range(0, one.Width), c => Assert.Equal(loop.Variance[c], whole.Variance[c], 6));
        Assert.All(Enumerable.Range(0, one.Width), c => Assert.Equal(loop.Mean[c], whole.Mean[c], 6));
    }

    [Fact]
    public void The_linear_kind_has_no_relu_and_no_positions()
    {
        using TensorScope scope = TensorScope.Open();
        var linear = new EncoderArchitecture { Kind = EncoderKind.Linear, Depth = -1, PatchSize = 4, HiddenDim = 8, ImageSize = 16 };
        EncoderWeights weights = Derive(linear);
        using var encoder = new PrivateEncoder(weights);
        float[] zeros = new float[256];
        float[] ones = [.. Enumerable.Repeat(1f, 256)];
        float[] bias = encoder.Encode(Batch(linear, zeros)).ToArray<float>();
        float[] once = encoder.Encode(Batch(linear, ones)).ToArray<float>();
        float[] thrice = encoder.Encode(Batch(linear, [.. ones.Select(v => 3 * v)])).ToArray<float>();
        Assert.Equal(bias[..8], bias[8..16]);
        Assert.All(Enumerable.Range(0, bias.Length), i => Assert.Equal(3 * (once[i] - bias[i]), thrice[i] - bias[i], 4));
        Assert.Contains(once, v => v < 0);
    }

    [Theory]
    [InlineData(EncoderKind.Conv, -1)]
    [InlineData(EncoderKind.Linear, 0)]
    [InlineData(EncoderKind.Conv, 65)]
    public void A_depth_that_does_not_fit_the_kind_is_refused(EncoderKind kind, int depth) =>
        Assert.Contains("--depth", Assert.Throws<UsageException>(() => new EncoderArchitecture { Kind = kind, Depth = depth }.Validate()).Message, StringComparison.Ordinal);

    [Fact]
    public void Frozen_mode_without_statistics_is_refused()
    {
        EncoderWeights weights = Derive(Small with { Normalisation = EncoderNormalisation.Frozen });
        Assert.Throws<InvalidOperationException>(() => new PrivateEncoder(weights));
    }

    [Fact]
    public void Encoding_leaves_no_tensor_behind()
    {
        EncoderArchitecture none = Small with { Normalisation = EncoderNormalisation.Batch };
        using var encoder = new PrivateEncoder(Derive(none));
        long before = Native.NativeRuntime.LiveTensors;
        using (TensorScope.Open())
        {
            encoder.Encode(Batch(none, Pixels(none, 2)));
        }

        Assert.Equal(before, Native.NativeRuntime.LiveTensors);
    }

    internal static EncoderArchitecture Small { get; } = new() { Depth = 3, PatchSize = 4, HiddenDim = 16, ImageSize = 16 };

    internal static EncoderWeights Derive(EncoderArchitecture architecture) => WeightDerivation.Derive(new byte[32], "test", architecture);

    internal static Tensor Batch(EncoderArchitecture a, float[] pixels) => Tensor.From<float>(pixels, pixels.Length / (a.Channels * a.ImageSize * a.ImageSize), a.Channels, a.ImageSize, a.ImageSize);

    internal static float[] Pixels(EncoderArchitecture a, int images)
    {
        var random = new SeededRandom(5);
        return [.. Enumerable.Range(0, images * a.Channels * a.ImageSize * a.ImageSize).Select(_ => (float)random.NextGaussian())];
    }
}
