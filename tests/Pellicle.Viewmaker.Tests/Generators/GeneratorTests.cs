using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;

namespace Pellicle.Viewmaker.Tests.Generators;

public class GeneratorTests
{
    private static readonly GeneratorOptions Slim = new() { Widths = [6, 8, 10], Blocks = 2 };

    [Theory]
    [InlineData(5, 3, 1_754_907)]
    [InlineData(3, 3, 1_120_131)]
    public void Only_the_blocks_in_use_are_allocated(int blocks, int channels, long parameters)
    {
        using var generator = new Generator(new GeneratorOptions { Mode = GeneratorMode.Parity, Blocks = blocks, Channels = channels }, new SeededRandom(1));
        Assert.Equal(parameters, generator.ParameterCount);
    }

    [Theory]
    [InlineData(BudgetNorm.MeanAbs)]
    [InlineData(BudgetNorm.L2)]
    [InlineData(BudgetNorm.Linf)]
    public void The_ball_leaves_small_changes_alone_and_brings_large_ones_to_its_surface(BudgetNorm norm)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor small = Random(1, 2, 3, 9, 7) * 0.01;
        Tensor large = Random(2, 2, 3, 9, 7) * 3;
        ParityTests.AssertClose(small.ToArray<float>(), PerturbationBudget.IntoBall(small, 0.1, [norm]).ToArray<float>(), 1e-7);
        foreach (float size in PerturbationBudget.Size(PerturbationBudget.IntoBall(large, 0.1, [norm]), norm).ToArray<float>())
        {
            Assert.InRange(size, 0.0999, 0.1001);
        }

        Assert.All(PerturbationBudget.IntoBall(small * 0, 0.1, [norm]).ToArray<float>(), v => Assert.Equal(0, v));
        Assert.All(PerturbationBudget.Size(PerturbationBudget.IntoBall(Tensor.Full(1, DType.Float32, 2, 3, 4, 4), 0.1, [norm]), norm).ToArray<float>(), v => Assert.InRange(v, 0.0999, 0.1001));
    }

    [Theory]
    [InlineData(BudgetNorm.MeanAbs)]
    [InlineData(BudgetNorm.L2)]
    [InlineData(BudgetNorm.Linf)]
    public void Whatever_the_network_says_the_norm_is_the_smaller_of_its_own_and_the_budget(BudgetNorm norm)
    {
        using TensorScope scope = TensorScope.Open();
        var random = new SeededRandom(11);
        for (ulong trial = 0; trial < 40; trial++)
        {
            double budget = Math.Exp(-6 * random.NextDouble());
            Tensor delta = Random(100 + trial, 3, 1 + random.NextInt(3), 1 + random.NextInt(9), 1 + random.NextInt(9)) * Math.Exp(6 * random.NextDouble() - 3);
            delta = (trial % 4) switch { 0 => delta.Tanh(), 1 => (delta * 1e4).Tanh(), 2 => (delta * 0) + random.NextDouble(), _ => delta }; // as networks give them, saturated, constant
            float[] before = PerturbationBudget.Size(delta, norm).ToArray<float>(), after = PerturbationBudget.Size(PerturbationBudget.IntoBall(delta, budget, [norm]), norm).ToArray<float>();
            for (int i = 0; i < before.Length; i++)
            {
                Assert.Equal(Math.Min(before[i], budget), after[i], 1e-4 * budget);
            }
        }
    }

    [Fact]
    public void Parity_scales_every_change_to_the_sphere_of_the_budget()
    {
        using TensorScope scope = TensorScope.Open();
        using var generator = new Generator(Slim with { Mode = GeneratorMode.Parity, BitDepth = 0, Budget = 0.7, Clamp = false }, new SeededRandom(1));
        Tensor images = Uniform(4, 2, 3, 16, 16);
        float[] sizes = PerturbationBudget.Size(generator.Obfuscate(images, Noise(1)) - images, BudgetNorm.MeanAbs).ToArray<float>();
        Assert.All(sizes, size => Assert.InRange(size, 0.69f, 0.7001f)); // 0.7 · m / (m + 1e-4)
    }

    [Fact]
    public void Two_norms_at_once_are_both_kept()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor delta = PerturbationBudget.IntoBall(Random(3, 4, 3, 8, 8) * 3, 0.05, [BudgetNorm.MeanAbs, BudgetNorm.Linf]);
        Assert.All(PerturbationBudget.Size(delta, BudgetNorm.MeanAbs).ToArray<float>(), v => Assert.True(v <= 0.0501));
        Assert.All(delta.ToArray<float>(), v => Assert.True(Math.Abs(v) <= 0.0501));
    }

    [Theory]
    [InlineData(5, 7)]
    [InlineData(33, 21)]
    [InlineData(64, 64)]
    [InlineData(480, 640)]
    public void Any_size_gives_a_result_of_that_size_within_range_and_budget(int height, int width)
    {
        using TensorScope scope = TensorScope.Open();
        using var generator = new Generator(Slim with { Budget = 0.03 }, new SeededRandom(1));
        Enlarge(generator);
        Tensor images = Uniform(4, 2, 3, height, width);
        Tensor result = generator.Obfuscate(images, Noise(1));
        Assert.Equal(images.Shape, result.Shape);
        Assert.All(result.ToArray<float>(), v => Assert.InRange(v, 0f, 1f));
        Assert.All(result.ToArray<float>(), v => Assert.Equal(MathF.Round(v * 255), v * 255, 3));
        double halfLevel = 0.5 / 255; // rounding comes after the ball
        Assert.All((result - images).Abs().Mean([1, 2, 3]).ToArray<float>(), v => Assert.InRange(v, 0.001, 0.03 + halfLevel));
    }

    [Fact]
    public void The_change_of_an_image_does_not_depend_on_the_rest_of_the_batch()
    {
        using TensorScope scope = TensorScope.Open();
        using var generator = new Generator(Slim with { BitDepth = 0 }, new SeededRandom(1));
        Enlarge(generator);
        Tensor images = Uniform(5, 3, 3, 16, 16);
        float[] together = generator.Obfuscate(images, Noise(7)).Narrow(0, 1, 1).Contiguous().ToArray<float>();
        float[] alone = generator.Obfuscate(images.Narrow(0, 1, 1).Contiguous(), NoiseOf(7, 1)).ToArray<float>();
        ParityTests.AssertClose(alone, together, 2e-6);
    }

    [Fact]
    public void Other_noise_gives_another_change()
    {
        using TensorScope scope = TensorScope.Open();
        using var generator = new Generator(Slim with { BitDepth = 0 }, new SeededRandom(1));
        Enlarge(generator);
        Tensor images = Uniform(5, 1, 3, 16, 16);
        Assert.True((generator.Obfuscate(images, Noise(1)) - generator.Obfuscate(images, Noise(2))).Abs().Mean().Item() > 1e-4);
    }

    [Theory]
    [InlineData(GeneratorFamily.Additive, false)]
    [InlineData(GeneratorFamily.Additive, true)]
    [InlineData(GeneratorFamily.Flow, false)]
    [InlineData(GeneratorFamily.Chain, false)]
    public void Saved_generators_come_back_the_same(GeneratorFamily family, bool frequency)
    {
        using TensorScope scope = TensorScope.Open();
        string file = Path.Combine(Path.GetTempPath(), $"pellicle-generator-{Guid.NewGuid():N}.safetensors");
        try
        {
            using var generator = new Generator(Slim with { Family = family, FrequencyDomain = frequency, BandLimits = [0, 5], Norms = [BudgetNorm.L2] }, new SeededRandom(3));
            Enlarge(generator);
            generator.Save(file);
            using Generator opened = Generator.Open(file);
            Tensor images = Uniform(6, 2, 3, 24, 20);
            Assert.Equal(generator.Options.BandLimits, opened.Options.BandLimits);
            Assert.Equal(generator.Obfuscate(images, Noise(1)).ToArray<float>(), opened.Obfuscate(images, Noise(1)).ToArray<float>());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(GeneratorMode.Default, GeneratorFamily.Additive, false, null)]
    [InlineData(GeneratorMode.Default, GeneratorFamily.Additive, true, null)]
    [InlineData(GeneratorMode.Default, GeneratorFamily.Chain, false, null)]
    [InlineData(GeneratorMode.Parity, GeneratorFamily.Additive, false, 12)]
    public void Gradients_of_weights_and_images_agree_with_finite_differences(GeneratorMode mode, GeneratorFamily family, bool frequency, int? downsample)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode recording = GradientMode.Recording();
        using var generator = new Generator(Slim with { Mode = mode, Family = family, FrequencyDomain = frequency, DownsampleTo = downsample, BitDepth = 0, Budget = 0.02 }, new SeededRandom(4));
        Enlarge(generator);
        Tensor images = (Uniform(8, 2, 3, 16, 12) * 0.6 + 0.2).To(DType.Float64);
        Tensor[] noise = [.. generator.Noise(images, Noise(2)).Select(plane => plane.To(DType.Float64))];
        Tensor weights = Random(9, 2, 3, 16, 12).To(DType.Float64);
        images.RequireGradient();
        var pass = new ReferencePass(generator.Root, DType.Float64, ForwardContext.Evaluation());
        Tensor Loss() => (generator.Apply(images, noise, (layer, x) => layer.Reference(x, pass)).Result * weights).Sum();
        Tensor[] leaves = [images, .. generator.Parameters.Select(pass.Of)]; // every weight and bias of every layer
        Tensor?[] gradients = Tensor.Gradients(Loss(), leaves);
        for (int k = 0; k < leaves.Length; k++)
        {
            Tensor leaf = leaves[k];
            double analytic = gradients[k]?.ToArray<double>()[5 % leaf.Count] ?? 0;
            const double step = 1e-6;
            double Shifted(double by)
            {
                using GradientMode off = GradientMode.Off();
                leaf.Data<double>()[(int)(5 % leaf.Count)] += by;
                double value = Loss().Item();
                leaf.Data<double>()[(int)(5 % leaf.Count)] -= by;
                return value;
            }

            double numeric = (Shifted(step) - Shifted(-step)) / (2 * step);
            double tolerance = Math.Max(1e-6, 2e-4 * Math.Abs(numeric));
            Assert.True(Math.Abs(numeric - analytic) < tolerance, $"{(k == 0 ? "images" : generator.Parameters[k - 1].Name)}: {analytic} instead of {numeric}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_cosine_transform_has_an_exact_inverse(bool isOrthonormal)
    {
        using TensorScope scope = TensorScope.Open();
        var transform = new CosineTransform(7, 10, isOrthonormal, DType.Float64);
        Tensor images = Random(1, 1, 2, 7, 10).To(DType.Float64);
        Tensor coefficients = transform.Forward(images);
        Assert.True((transform.Inverse(coefficients) - images).Abs().Maximum().Item() < 1e-12);
        double expected = images.ToArray<double>().Take(70).Sum() * (isOrthonormal ? 1 / Math.Sqrt(70) : 4);
        Assert.Equal(expected, coefficients.ToArray<double>()[0], 1e-9);
        if (isOrthonormal)
        {
            Assert.Equal(images.Square().Sum().Item(), coefficients.Square().Sum().Item(), 1e-9);
        }
    }

    [Fact]
    public void Bilinear_scaling_agrees_with_the_direct_formula()
    {
        using TensorScope scope = TensorScope.Open();
        float[] values = Uniform(3, 1, 1, 5, 4).ToArray<float>();
        float[] found = ImageOperators.Scale(Tensor.From<float>(values, 1, 1, 5, 4), 8, 6).ToArray<float>();
        for (int y = 0; y < 8; y++)
        {
            for (int x = 0; x < 6; x++)
            {
                double sy = Math.Max(0, ((y + 0.5) * 5 / 8) - 0.5), sx = Math.Max(0, ((x + 0.5) * 4 / 6) - 0.5);
                int y0 = (int)sy, x0 = (int)sx, y1 = Math.Min(4, y0 + 1), x1 = Math.Min(3, x0 + 1);
                double fy = sy - y0, fx = sx - x0;
                double expected = ((1 - fy) * (((1 - fx) * values[(y0 * 4) + x0]) + (fx * values[(y0 * 4) + x1]))) + (fy * (((1 - fx) * values[(y1 * 4) + x0]) + (fx * values[(y1 * 4) + x1])));
                Assert.Equal(expected, found[(y * 6) + x], 1e-5);
            }
        }
    }

    [Fact]
    public void Displacements_stay_within_reach_and_a_zero_field_moves_nothing()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor images = Uniform(2, 1, 3, 20, 12);
        Assert.All(FlowField.Of(Random(5, 1, 2, 20, 12) * 100, images, 0.01).ToArray<float>(), v => Assert.True(Math.Abs(v) <= 0.2001));
        ParityTests.AssertClose(images.ToArray<float>(), FlowField.Move(images, Tensor.Zeros(1, 2, 20, 12)).ToArray<float>(), 1e-5);
    }

    [Fact]
    public void Options_out_of_range_are_listed_together()
    {
        var e = Assert.Throws<Core.Errors.UsageException>(() => new GeneratorOptions { Budget = 0, Blocks = 6, BitDepth = 12 }.Validate());
        Assert.Equal(3, e.Problems.Count);
    }

    internal static NoiseSource Noise(ulong seed)
    {
        var sources = new Dictionary<int, ISeededRandom>();
        return (image, values) =>
        {
            ISeededRandom source = sources.TryGetValue(image, out ISeededRandom? found) ? found : sources[image] = new SeededRandom(seed).Derive("noise", (ulong)image);
            foreach (ref float value in values)
            {
                value = (float)source.NextDouble();
            }
        };
    }

    internal static Tensor Uniform(ulong seed, params ReadOnlySpan<long> shape)
    {
        var random = new SeededRandom(seed);
        Tensor tensor = Tensor.Empty(DType.Float32, shape);
        foreach (ref float value in tensor.Data<float>())
        {
            value = (float)random.NextDouble();
        }

        return tensor;
    }

    private static Tensor Random(ulong seed, params ReadOnlySpan<long> shape) => (Uniform(seed, shape) * 2) - 1;

    private static NoiseSource NoiseOf(ulong seed, int image)
    {
        NoiseSource all = Noise(seed);
        return (_, values) => all(image, values);
    }

    // Fresh generators change almost nothing; tests want to see something.
    private static void Enlarge(Generator generator)
    {
        foreach (Parameter parameter in generator.Parameters.Where(p => p.Name.Contains("deconv3", StringComparison.Ordinal) || p.Name.Contains("tone.out", StringComparison.Ordinal)))
        {
            foreach (ref float value in parameter.Value.Data<float>())
            {
                value *= 1000;
            }
        }
    }
}
