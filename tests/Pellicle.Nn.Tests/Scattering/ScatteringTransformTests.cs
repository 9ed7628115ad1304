using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn.Tests.Scattering;

public sealed class ScatteringTransformTests
{
    [Theory]
    [InlineData(12, 2, 4)]
    [InlineData(9, 3, 3)]
    public void Coefficients_equal_those_of_an_independent_program(int size, int scales, int angles)
    {
        double[] expected = scales == 2 ? ScatteringVectors.TwoScales : ScatteringVectors.ThreeScales;
        float[] pixels = [.. Enumerable.Range(0, size * size).Select(i => (float)(Math.Sin(1.7 * i) + (0.5 * Math.Cos(0.31 * i))))];
        using TensorScope scope = TensorScope.Open();
        using var transform = new ScatteringTransform(size, scales, angles);
        Assert.Equal(expected.Length, transform.Maps * transform.OutputSize * transform.OutputSize);
        double[] slow = Reference(transform, pixels, 1, size);
        float[] fast = Forward(transform, pixels, 1, 1, size);
        for (int i = 0; i < expected.Length; i++)
        {
            // Six digits are written down; float32 with sums of up to 1,000 products of size 0.1 adds 1e-6.
            Assert.Equal(expected[i], slow[i], 1e-6);
            Assert.Equal(expected[i], fast[i], 3e-6);
        }
    }

    [Fact]
    public void The_cascade_on_coarser_grids_approximates_the_definition_at_full_resolution()
    {
        const int Size = 32;
        const int Scales = 2;
        const int Angles = 4;
        float[] pixels = Noise(1, Size, seed: 3);
        using TensorScope scope = TensorScope.Open();
        using var transform = new ScatteringTransform(Size, Scales, Angles);
        float[] maps = Forward(transform, pixels, 1, 1, Size);
        int side = transform.OutputSize;
        double[] image = Array.ConvertAll(pixels, p => (double)p);
        double[][] first = [.. Enumerable.Range(0, Scales * Angles).Select(i => FullScattering.Modulus(image, Size, i / Angles, i % Angles, Angles))];
        double error = 0;
        double energy = 0;
        for (int map = 0; map < transform.Maps; map++)
        {
            int second = map - 1 - (Scales * Angles);
            double[] full = map == 0 ? image
                : second < 0 ? first[map - 1]
                : FullScattering.Modulus(first[second / Angles], Size, 1, second % Angles, Angles);
            for (int cell = 0; cell < side * side; cell++)
            {
                double expected = FullScattering.Smooth(full, Size, Scales, cell / side, cell % side);
                error += Math.Pow(maps[(map * side * side) + cell] - expected, 2);
                energy += expected * expected;
            }
        }

        // The grids of scale 2^j lose what the wavelet passes above their sampling rate; white noise is the worst case.
        Assert.InRange(Math.Sqrt(error / energy), 0, 0.1);
    }

    [Fact]
    public void Constant_images_give_nothing_but_their_value()
    {
        using TensorScope scope = TensorScope.Open();
        using var transform = new ScatteringTransform(16, 2, 8);
        float[] pixels = new float[256];
        Array.Fill(pixels, 3f);
        float[] maps = Forward(transform, pixels, 1, 1, 16);
        Assert.All(maps.Take(16), value => Assert.Equal(3f, value, 1e-5f));

        // Filters in float32 add up to 1e-7 at most, and the root of the modulus starts at 1e-6.
        Assert.All(maps.Skip(16), value => Assert.InRange(value, 0, 1e-5f));
    }

    [Fact]
    public void Moving_the_image_by_one_cell_moves_every_map_by_one_position()
    {
        const int Size = 48;
        const int Cell = 4;
        using TensorScope scope = TensorScope.Open();
        using var transform = new ScatteringTransform(Size, 2, 4);
        int side = transform.OutputSize;
        float[] pixels = Noise(1, Size, seed: 5);
        float[] moved = [.. Enumerable.Range(0, Size * Size).Select(i => i % Size < Cell ? 0 : pixels[i - Cell])];
        float[] maps = Forward(transform, pixels, 1, 1, Size);
        float[] movedMaps = Forward(transform, moved, 1, 1, Size);

        // Far enough from both borders that no window reaches one: 5 + 5 taps of the wavelets at this scale and 7 of the low pass.
        for (int map = 0; map < transform.Maps; map++)
        {
            for (int cell = 0; cell < side * side; cell++)
            {
                if (cell / side is >= 5 and < 7 && cell % side is >= 5 and < 7)
                {
                    Assert.Equal(maps[(map * side * side) + cell], movedMaps[(map * side * side) + cell + 1], 2e-6);
                }
            }
        }
    }

    [Theory]
    [InlineData(2, 8)]
    [InlineData(3, 8)]
    [InlineData(2, 4)]
    public void Filters_together_pass_no_frequency_with_more_than_its_energy(int scales, int angles)
    {
        // Littlewood–Paley condition (Bruna and Mallat 2013, section 2): |φ̂|² + ½ Σ (|ψ̂(ω)|² + |ψ̂(−ω)|²) ≤ 1 makes the transform non-expansive;
        // windows cut at three deviations exceed 1 by up to 2 %.
        double largest = 0;
        for (int u = 0; u < 32; u += 3)
        {
            for (int v = -32; v < 32; v += 5)
            {
                double pass = FullScattering.Energy(scales, angles, Math.PI * u / 32, Math.PI * v / 32);
                Assert.InRange(pass, 0, 1.02);
                largest = Math.Max(largest, pass);
            }
        }

        Assert.InRange(FullScattering.Energy(scales, angles, 0, 0), 0.999, 1.001);
        Assert.InRange(largest, 0.5, 1.02);
    }

    [Fact]
    public void An_image_gives_the_same_bits_alone_and_in_a_large_batch()
    {
        const int Size = 20;
        float[] pixels = Noise(23 * 3, Size, seed: 8);
        using TensorScope scope = TensorScope.Open();
        using var transform = new ScatteringTransform(Size, 2, 8);
        float[] all = Forward(transform, pixels, 23, 3, Size);
        int perImage = all.Length / 23;
        foreach (int image in new[] { 0, 10, 11, 22 })
        {
            float[] alone = Forward(transform, pixels[(image * 3 * Size * Size)..((image + 1) * 3 * Size * Size)], 1, 3, Size);
            Assert.Equal(all[(image * perImage)..((image + 1) * perImage)], alone);
        }
    }

    [Fact]
    public void Normalised_bands_have_mean_zero_and_deviation_one_in_every_image()
    {
        using TensorScope scope = TensorScope.Open();
        using var transform = new ScatteringTransform(16, 2, 4);
        using var normalization = new ScatteringNormalization(transform.Maps, 4, 0.5);
        float[] pixels = Noise(2, 16, seed: 9);
        using GradientMode off = GradientMode.Off();
        Tensor maps = transform.Forward(Tensor.From<float>(pixels, 2, 1, 16, 16), ForwardContext.Evaluation());
        float[] values = normalization.Forward(maps, ForwardContext.Evaluation()).ToArray<float>();
        for (int image = 0; image < 2; image++)
        {
            foreach ((int from, int count) in new[] { (0, 16), (16, 64), (80, 64), (144, 64), (336, 64) })
            {
                float[] band = values[((image * 400) + from)..((image * 400) + from + count)];
                Assert.Equal(0, band.Average(), 1e-5f);
                Assert.Equal(0.5, Math.Sqrt(band.Average(v => v * v)), 1e-3);
            }
        }
    }

    [Fact]
    public void Sizes_and_numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScatteringTransform(7, 3, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScatteringTransform(28, 0, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScatteringTransform(28, 2, 17));
        Assert.Throws<ArgumentException>(() => new ScatteringNormalization(80, 8));
        using TensorScope scope = TensorScope.Open();
        using var transform = new ScatteringTransform(16, 2, 4);
        Assert.Contains("[N, C, 16, 16]", Assert.Throws<ArgumentException>(() => transform.Forward(Tensor.Zeros(1, 1, 16, 12), ForwardContext.Evaluation())).Message, StringComparison.Ordinal);
    }

    private static float[] Noise(int planes, int size, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, planes * size * size).Select(_ => (float)random.NextGaussian())];
    }

    private static float[] Forward(ScatteringTransform transform, float[] pixels, int images, int colours, int size)
    {
        using GradientMode off = GradientMode.Off();
        return transform.Forward(Tensor.From<float>(pixels, images, colours, size, size), ForwardContext.Evaluation()).ToArray<float>();
    }

    private static double[] Reference(ScatteringTransform transform, float[] pixels, int images, int size)
    {
        using GradientMode off = GradientMode.Off();
        var pass = new ReferencePass(transform, DType.Float64, ForwardContext.Evaluation());
        return transform.Reference(Tensor.From<float>(pixels, images, 1, size, size).To(DType.Float64), pass).ToArray<double>();
    }
}
