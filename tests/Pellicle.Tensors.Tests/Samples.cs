using Pellicle.Core.Random;

namespace Pellicle.Tensors.Tests;

/// <summary>Random tensors by seed, and comparison of tensors.</summary>
internal static class Samples
{
    public static Tensor Normal(ulong seed, params long[] shape)
    {
        var random = new SeededRandom(seed);
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextGaussian();
        }

        return Tensor.From<float>(values, shape);
    }

    public static double[] Doubles(Tensor tensor) => tensor.To(DType.Float64).ToArray<double>();

    /// <summary>Largest difference, as a part of the largest expected magnitude.</summary>
    public static double Distance(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        double[] a = Doubles(expected);
        double[] b = Doubles(actual);
        double scale = a.Length == 0 ? 1 : Math.Max(1e-30, a.Max(Math.Abs));
        return a.Zip(b, (x, y) => Math.Abs(x - y)).DefaultIfEmpty(0).Max() / scale;
    }

    public static void AssertClose(Tensor expected, Tensor actual, double tolerance) =>
        Assert.True(Distance(expected, actual) <= tolerance, $"relative distance {Distance(expected, actual):E2}, at most {tolerance:E1} allowed");
}
