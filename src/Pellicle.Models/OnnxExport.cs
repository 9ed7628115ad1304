using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>Writes a network as ONNX and checks the written bytes against the network before anything is kept.</summary>
/// <remarks>Opset 17, file format 8, one input "images" [N, C, S, S] that is already normalised, one output "logits" [N, K].</remarks>
public static class OnnxExport
{
    /// <summary>Version of the operators that are written.</summary>
    public const int Opset = 17;

    private const int IrVersion = 8;
    private const int CheckedImages = 2;

    // Both sides compute in float32, ours with double sums: a thousandth of the largest logit is far above their rounding and far below any wrong operator.
    private const double Tolerance = 1e-3;

    /// <summary>Builds the graph of a network at inference.</summary>
    /// <param name="model">The network.</param>
    /// <param name="description">Free text of the file.</param>
    /// <param name="metadata">Named texts of the file.</param>
    /// <exception cref="UsageException">A layer has no form in ONNX.</exception>
    public static OnnxModel Build(ImageClassifier model, string description, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelSpec spec = model.Spec;
        if (spec.Tokens is not null)
        {
            throw new UsageException($"{spec.Name} works on encodings, which have no form in ONNX here.", "Export the weights as safetensors (--format safetensors).");
        }

        var builder = new OnnxGraphBuilder("images", spec.Channels, spec.ImageSize, spec.ImageSize);
        OnnxSymbol logits = model.Root.Export(builder, builder.Input);
        return new OnnxModel
        {
            IrVersion = IrVersion,
            Opsets = new Dictionary<string, long> { [string.Empty] = Opset },
            Producer = "pellicle",
            Description = description,
            Metadata = metadata,
            Graph = builder.Build(logits, "logits"),
        };
    }

    /// <summary>Writes a file that was read back and run: its logits are those of the network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="path">The .onnx file.</param>
    /// <param name="description">Free text of the file.</param>
    /// <param name="metadata">Named texts of the file.</param>
    /// <returns>The model as read back, and the largest absolute difference of a logit on images of noise.</returns>
    /// <exception cref="UsageException">A layer has no form in ONNX.</exception>
    /// <exception cref="EnvironmentException">The folder is read-only or the disk is full.</exception>
    public static (OnnxModel Model, double MaxAbsDifference) Write(ImageClassifier model, string path, string description, IReadOnlyDictionary<string, string> metadata)
    {
        byte[] bytes = OnnxFile.ToBytes(Build(model, description, metadata));
        OnnxModel read = OnnxFile.Read(ByteSource.FromMemory(bytes, path));
        double difference = MaxAbsDifference(model, read, CheckedImages);
        AtomicFile.WriteAllBytes(path, bytes);
        return (read, difference);
    }

    /// <summary>Compares a graph with a network on images of noise.</summary>
    /// <param name="model">The network.</param>
    /// <param name="onnx">Its graph.</param>
    /// <param name="images">Number of images.</param>
    /// <returns>The largest absolute difference of a logit.</returns>
    /// <exception cref="InvalidOperationException">The difference is larger than rounding explains.</exception>
    public static double MaxAbsDifference(ImageClassifier model, OnnxModel onnx, int images)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelSpec spec = model.Spec;
        var random = new SeededRandom(17);
        var pixels = new float[images * spec.Channels * spec.ImageSize * spec.ImageSize];
        foreach (ref float pixel in pixels.AsSpan())
        {
            pixel = (float)((4 * random.NextDouble()) - 2);
        }

        long[] shape = [images, spec.Channels, spec.ImageSize, spec.ImageSize];
        float[] expected = Logits(model, pixels, shape);
        ReadOnlySpan<float> got = new OnnxExecutor(onnx).Run(OnnxTensor.Of(pixels, shape)).Floats;
        double difference = 0;
        double largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs(expected[i] - got[i]));
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }

        return difference <= Tolerance * Math.Max(1, largest) && got.Length == expected.Length
            ? difference
            : throw new InvalidOperationException($"The exported graph of {spec.Name} gives logits that differ by {difference:g3} (largest logit {largest:g3}).");
    }

    private static float[] Logits(ImageClassifier model, float[] pixels, long[] shape)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        return model.Forward(Tensor.From<float>(pixels, shape), ForwardContext.Evaluation()).ToArray<float>();
    }
}
