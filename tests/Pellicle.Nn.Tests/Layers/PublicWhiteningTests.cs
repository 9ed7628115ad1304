using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn.Tests.Layers;

public sealed class PublicWhiteningTests
{
    [Fact]
    public void Public_features_become_uncorrelated_with_norm_one_on_average()
    {
        using TensorScope scope = TensorScope.Open();
        using var layer = new PublicWhitening(3);
        Assert.False(layer.IsFitted);
        Tensor features = Correlated(4000, 1);
        layer.Fit(features);
        Assert.True(layer.IsFitted);
        double[] y = layer.Forward(features, ForwardContext.Evaluation()).To(DType.Float64).ToArray<double>();
        var covariance = new double[3, 3];
        for (int i = 0; i < y.Length; i += 3)
        {
            for (int a = 0; a < 9; a++)
            {
                covariance[a / 3, a % 3] += y[i + (a / 3)] * y[i + (a % 3)] / 4000;
            }
        }

        Assert.Equal(1, covariance[0, 0] + covariance[1, 1] + covariance[2, 2], 1e-4);
        Assert.Equal(0, covariance[0, 1], 1e-4);
        Assert.Equal(0, covariance[0, 2], 1e-4);
        Assert.Equal(0, covariance[1, 2], 1e-4);

        // Two of the three features are nearly the same: the ridge of 0.1 keeps their difference (variance about 0.02) below the others.
        Assert.True(covariance[0, 0] < 0.5 * covariance[1, 1], $"{covariance[0, 0]} against {covariance[1, 1]}");
    }

    [Fact]
    public void Features_far_from_public_ones_are_bounded()
    {
        using TensorScope scope = TensorScope.Open();
        using var layer = new PublicWhitening(3);
        layer.Fit(Correlated(500, 1));
        float[] far = layer.Forward(Tensor.From<float>([1e6f, -1e6f, 1e6f], 1, 3), ForwardContext.Evaluation()).ToArray<float>();
        float[] farther = layer.Forward(Tensor.From<float>([1e9f, -1e9f, 1e9f], 1, 3), ForwardContext.Evaluation()).ToArray<float>();
        Assert.Equal(far, farther);
        Assert.All(far, value => Assert.InRange(Math.Abs(value), 0, 30));
    }

    [Fact]
    public void It_equals_its_slow_twin_in_double()
    {
        using TensorScope scope = TensorScope.Open();
        using var layer = new PublicWhitening(3);
        layer.Fit(Correlated(500, 1));
        Tensor other = Correlated(20, 2);
        float[] fast = layer.Forward(other, ForwardContext.Evaluation()).ToArray<float>();
        double[] slow = layer.Reference(other.To(DType.Float64), new ReferencePass(layer, DType.Float64, ForwardContext.Evaluation())).ToArray<double>();
        Assert.All(slow.Zip(fast), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Features_of_another_width_or_not_finite_are_refused()
    {
        using TensorScope scope = TensorScope.Open();
        using var layer = new PublicWhitening(4);
        Assert.Throws<ArgumentException>(() => layer.Fit(Correlated(50, 1)));
        Assert.Throws<ArgumentException>(() => layer.Fit(Tensor.From<float>([1, 2, 3, float.NaN, 1, 2, 3, 4], 2, 4)));
        Assert.False(layer.IsFitted);
    }

    private static Tensor Correlated(int n, ulong seed)
    {
        var random = new SeededRandom(seed);
        var values = new float[3 * n];
        for (int i = 0; i < values.Length; i += 3)
        {
            double shared = random.NextGaussian();
            values[i] = (float)(5 + (100 * shared));
            values[i + 1] = (float)(shared + (0.2 * random.NextGaussian()));
            values[i + 2] = (float)random.NextGaussian();
        }

        return Tensor.From<float>(values, n, 3);
    }
}
