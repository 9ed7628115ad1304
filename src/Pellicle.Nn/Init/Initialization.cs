using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn.Init;

/// <summary>Initial values by the conventions of the common libraries, from a seeded generator.</summary>
public static class Initialization
{
    /// <summary>Uniform in ±1/√fanIn: what torch uses for weights and biases of linear layers and convolutions (Kaiming uniform with a = √5).</summary>
    /// <param name="random">The generator.</param>
    /// <param name="fanIn">Inputs of one output element, at least 1.</param>
    /// <param name="shape">Extents of the result.</param>
    public static Tensor TorchUniform(ISeededRandom random, long fanIn, params ReadOnlySpan<long> shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fanIn, 1);
        double bound = 1 / Math.Sqrt(fanIn);
        return Fill(shape, () => ((2 * random.NextDouble()) - 1) * bound);
    }

    /// <summary>Normal with variance 2/fanOut, for convolutions before ReLU (He et al. 2015), as torchvision's ResNets use it.</summary>
    /// <param name="random">The generator.</param>
    /// <param name="fanOut">Outputs reached by one input element, at least 1.</param>
    /// <param name="shape">Extents of the result.</param>
    public static Tensor KaimingNormal(ISeededRandom random, long fanOut, params ReadOnlySpan<long> shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fanOut, 1);
        double deviation = Math.Sqrt(2.0 / fanOut);
        return Fill(shape, () => random.NextGaussian() * deviation);
    }

    /// <summary>Normal with mean 0.</summary>
    /// <param name="random">The generator.</param>
    /// <param name="deviation">Standard deviation, not negative.</param>
    /// <param name="shape">Extents of the result.</param>
    public static Tensor Normal(ISeededRandom random, double deviation, params ReadOnlySpan<long> shape) =>
        Fill(shape, () => random.NextGaussian() * deviation);

    /// <summary>Normal with mean 0, cut at ±2 as timm's vision transformers do it: with a deviation of 0.02 practically uncut.</summary>
    /// <param name="random">The generator.</param>
    /// <param name="deviation">Standard deviation before the cut, above 0.</param>
    /// <param name="shape">Extents of the result.</param>
    public static Tensor TruncatedNormal(ISeededRandom random, double deviation, params ReadOnlySpan<long> shape) =>
        Fill(shape, () =>
        {
            double value = random.NextGaussian() * deviation;
            while (Math.Abs(value) > 2)
            {
                value = random.NextGaussian() * deviation;
            }

            return value;
        });

    /// <summary>A constant.</summary>
    /// <param name="value">The value.</param>
    /// <param name="shape">Extents of the result.</param>
    public static Tensor Constant(float value, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Tensor.Empty(DType.Float32, shape);
        tensor.Data<float>().Fill(value);
        return tensor;
    }

    private static Tensor Fill(ReadOnlySpan<long> shape, Func<double> next)
    {
        Tensor tensor = Tensor.Empty(DType.Float32, shape);
        foreach (ref float value in tensor.Data<float>())
        {
            value = (float)next();
        }

        return tensor;
    }
}
