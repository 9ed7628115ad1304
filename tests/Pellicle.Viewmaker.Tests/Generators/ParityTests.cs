using Pellicle.Core.Random;
using Pellicle.Formats.Npy;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;

namespace Pellicle.Viewmaker.Tests.Generators;

/// <summary>Against the network class of dp-viewmaker (commit 6a6b133) on PyTorch 1.13.1, with its recorded noise.</summary>
public class ParityTests
{
    private const string File = "parity/viewmaker/parity_viewmaker.npz";

    [SharedFact(File)]
    public void Pixel_generator_gives_the_reference_output() => Forward("A", 1e-4);

    [SharedFact(File)]
    public void Frequency_generator_gives_the_reference_output() => Forward("C", 1e-6);

    [SharedFact(File)]
    public void Pixel_generator_gives_the_reference_gradients() => Backward("A", isRelative: false);

    [SharedFact(File)]
    public void Frequency_generator_gives_the_reference_gradients() => Backward("C", isRelative: true);

    [SharedFact(File)]
    public void Fast_kernels_and_ordinary_operators_agree()
    {
        using TensorScope scope = TensorScope.Open();
        using NpzArchive npz = Open();
        using Generator generator = Load(npz, "A", out Tensor input, out Tensor[] noise);
        ForwardContext context = ForwardContext.Evaluation();
        var pass = new ReferencePass(generator.Root, DType.Float32, context);
        float[] fast = generator.Apply(input, noise, (layer, x) => layer.Forward(x, context)).Result.ToArray<float>();
        float[] plain = generator.Apply(input, noise, (layer, x) => layer.Reference(x, pass)).Result.ToArray<float>();
        AssertClose(plain, fast, 1e-5);
    }

    internal static void AssertClose(float[] expected, float[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        double largest = expected.Zip(found, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.True(largest <= tolerance, $"largest difference {largest}, allowed {tolerance}");
    }

    private static void Forward(string name, double tolerance)
    {
        using TensorScope scope = TensorScope.Open();
        using NpzArchive npz = Open();
        using Generator generator = Load(npz, name, out Tensor input, out Tensor[] noise);
        ForwardContext context = ForwardContext.Evaluation();
        AssertClose(npz.Read($"{name}/output").ToFloats(), generator.Apply(input, noise, (layer, x) => layer.Forward(x, context)).Result.ToArray<float>(), tolerance);
    }

    private static void Backward(string name, bool isRelative)
    {
        using TensorScope scope = TensorScope.Open();
        using NpzArchive npz = Open();
        // In float64, so that what is left is the rounding of the reference, which ran in float32.
        using Generator generator = Load(npz, name, out Tensor input, out Tensor[] noise);
        input = input.To(DType.Float64);
        noise = [.. noise.Select(plane => plane.To(DType.Float64))];
        string[] weights = ["conv1.conv2d.weight", "deconv3.conv2d.bias", "in3.weight"];
        using GradientMode recording = GradientMode.Recording();
        input.RequireGradient();
        var pass = new ReferencePass(generator.Root, DType.Float64, ForwardContext.Evaluation());
        Tensor output = generator.Apply(input, noise, (layer, x) => layer.Reference(x, pass)).Result;
        Tensor loss = (output * Read(npz, $"{name}/grad_output")).Sum();
        Tensor?[] gradients = Tensor.Gradients(loss, [input, .. weights.Select(w => pass.Of(generator.Parameters.Single(p => p.Name == w)))]);
        string[] keys = [$"{name}/grad_input", .. weights.Select(w => $"{name}/grad/{w}")];
        for (int i = 0; i < keys.Length; i++)
        {
            float[] expected = npz.Read(keys[i]).ToFloats();
            AssertClose(expected, gradients[i]!.To(DType.Float32).ToArray<float>(), isRelative ? 1e-4 * expected.Max(Math.Abs) : Math.Max(1e-4, 4e-6 * expected.Max(Math.Abs))); // 1e-4, or 32 ulp of the largest: these are sums over 28 x 28 positions
        }
    }

    private static Generator Load(NpzArchive npz, string name, out Tensor input, out Tensor[] noise)
    {
        // As the file's own entry "config" says it, which is a text and no array.
        GeneratorOptions options = name == "A"
            ? new GeneratorOptions { Mode = GeneratorMode.Parity, Channels = 3, Widths = [6, 8, 10], Blocks = 3, Budget = 0.7 }
            : new GeneratorOptions { Mode = GeneratorMode.Parity, Channels = 1, Widths = [4, 6, 8], Blocks = 2, Budget = 1, FrequencyDomain = true };
        var generator = new Generator(options, new SeededRandom(1));
        generator.Import(weight => npz.Contains($"{name}/w/{weight}") ? npz.Read($"{name}/w/{weight}").ToFloats() : null);
        input = Read(npz, $"{name}/input");
        noise = [.. Enumerable.Range(0, options.Blocks + 1).Select(i => Read(npz, $"{name}/noise{i}"))];
        return generator;
    }

    private static Tensor Read(NpzArchive npz, string key)
    {
        NpyArray array = npz.Read(key);
        return Tensor.From<float>(array.ToFloats(), [.. array.Shape]);
    }

    private static NpzArchive Open() => NpzArchive.Open(SharedFiles.Locate(File));
}
