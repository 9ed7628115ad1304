using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>A 1×1 convolution with its norm folded in: y = W'x + b' on every patch.</summary>
internal sealed class FoldedLayer : IDisposable
{
    private FoldedLayer(Tensor weight, Tensor bias)
    {
        Weight = weight.Detached();
        Bias = bias.Detached();
    }

    /// <summary>The layer with its weight in bfloat16, for products in that format; the bias stays in float32. Takes the place of this one, which is freed.</summary>
    public FoldedLayer Narrow()
    {
        using TensorScope scope = TensorScope.Open();
        var narrow = new FoldedLayer(Weight.To(DType.BFloat16), Bias.Clone());
        Dispose();
        return narrow;
    }

    /// <summary>W' [out, in].</summary>
    public Tensor Weight { get; }

    /// <summary>b' [out].</summary>
    public Tensor Bias { get; }

    /// <summary>A layer without norm.</summary>
    public static FoldedLayer Plain(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias) =>
        new(Tensor.From(weight, bias.Length, weight.Length / bias.Length), Tensor.From(bias, bias.Length));

    /// <summary>W' = diag(γ/√(var+ε)) W and b' = γ (b − mean)/√(var+ε) + β, in double, rounded once.</summary>
    public static FoldedLayer WithNorm(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, NormStatistics statistics)
    {
        int width = bias.Length;
        int inputs = weight.Length / width;
        var folded = new float[weight.Length];
        var shift = new float[width];
        for (int c = 0; c < width; c++)
        {
            double scale = gamma[c] / Math.Sqrt(statistics.Variance[c] + NormStatistics.Epsilon);
            shift[c] = (float)((scale * (bias[c] - statistics.Mean[c])) + beta[c]);
            ReadOnlySpan<float> row = weight.Slice(c * inputs, inputs);
            Span<float> target = folded.AsSpan(c * inputs, inputs);
            for (int i = 0; i < inputs; i++)
            {
                target[i] = (float)(scale * row[i]);
            }
        }

        return Plain(folded, shift);
    }

    public void Dispose()
    {
        Weight.Dispose();
        Bias.Dispose();
    }
}
