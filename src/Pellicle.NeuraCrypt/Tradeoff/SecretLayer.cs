using System.Runtime.InteropServices;
using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>A random layer of a key: weight and bias uniform, from the cryptographic generator.</summary>
internal sealed class SecretLayer : IDisposable
{
    private SecretLayer(Tensor weight, Tensor bias)
    {
        Weight = weight.Detached();
        Bias = bias.Detached();
    }

    /// <summary>[width, width], variance 1/width.</summary>
    public Tensor Weight { get; }

    /// <summary>[width].</summary>
    public Tensor Bias { get; }

    /// <summary>Draws a layer.</summary>
    public static SecretLayer Draw(int width, ISecureRandom random)
    {
        using TensorScope scope = TensorScope.Open();
        double bound = Math.Sqrt(3.0 / width);
        return new SecretLayer(Uniform(random, bound, width, width), Uniform(random, bound, width));
    }

    public void Dispose()
    {
        Weight.Dispose();
        Bias.Dispose();
    }

    /// <summary>Kind and size only: the values are secret.</summary>
    public override string ToString() => $"SecretLayer ({Bias.Count} wide)";

    private static Tensor Uniform(ISecureRandom random, double bound, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Tensor.Empty(DType.Float32, shape);
        Span<float> values = tensor.Data<float>();
        random.Fill(MemoryMarshal.AsBytes(values));
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        for (int i = 0; i < bits.Length; i++)
        {
            values[i] = (float)((((bits[i] >> 8) * (2.0 / (1 << 24))) - 1) * bound);
        }

        return tensor;
    }
}
