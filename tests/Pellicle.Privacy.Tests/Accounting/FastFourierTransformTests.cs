using System.Numerics;
using MathNet.Numerics.IntegralTransforms;
using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Tests.Accounting;

public class FastFourierTransformTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(1024)]
    [InlineData(8192)]
    public void Spectrum_equals_that_of_a_library_in_bit_reversed_order_and_comes_back(int n)
    {
        var random = new Random(3);
        double[] re = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
        double[] im = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
        Complex[] expected = [.. re.Zip(im, (a, b) => new Complex(a, b))];
        double[] originalRe = [.. re];
        double[] originalIm = [.. im];
        Fourier.Forward(expected, FourierOptions.AsymmetricScaling);
        FastFourierTransform.Forward(re, im);
        int bits = BitOperations.Log2((uint)n);
        for (int p = 0; p < n; p++)
        {
            int k = 0;
            for (int b = 0; b < bits; b++)
            {
                k |= ((p >> b) & 1) << (bits - 1 - b);
            }

            // log2(n) additions of n terms of size ½: error well below n·1e-15.
            Assert.True(Complex.Abs(expected[k] - new Complex(re[p], im[p])) < 1e-13 * Math.Sqrt(n));
        }

        FastFourierTransform.Inverse(re, im);
        for (int i = 0; i < n; i++)
        {
            Assert.Equal(originalRe[i], re[i] / n, 1e-14);
            Assert.Equal(originalIm[i], im[i] / n, 1e-14);
        }
    }
}
