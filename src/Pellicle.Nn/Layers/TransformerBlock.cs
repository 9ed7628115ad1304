using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Pre-norm transformer block: x + attn(norm1(x)), then x + mlp(norm2(x)); names as in timm.</summary>
public sealed class TransformerBlock : Layer
{
    private readonly LayerNorm _norm1;
    private readonly MultiHeadAttention _attention;
    private readonly LayerNorm _norm2;
    private readonly Mlp _mlp;

    /// <summary>Makes the block.</summary>
    /// <param name="width">D.</param>
    /// <param name="numHeads">Attention heads, a divisor of D.</param>
    /// <param name="hiddenDim">Width inside the MLP.</param>
    /// <param name="init">Source of initial values.</param>
    public TransformerBlock(int width, int numHeads, int hiddenDim, ISeededRandom init)
    {
        _norm1 = Add("norm1", new LayerNorm(width) { NarrowOutput = true });
        _attention = Add("attn", new MultiHeadAttention(width, numHeads, init));
        _norm2 = Add("norm2", new LayerNorm(width) { NarrowOutput = true });
        _mlp = Add("mlp", new Mlp(width, hiddenDim, init));
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        Tensor h = input + _attention.Reference(_norm1.Reference(input, pass), pass);
        return h + _mlp.Reference(_norm2.Reference(h, pass), pass);
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        OnnxSymbol h = Sum(graph, input, _attention.Export(graph, _norm1.Export(graph, input)));
        return Sum(graph, h, _mlp.Export(graph, _norm2.Export(graph, h)));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor h = input + _attention.Forward(_norm1.Forward(input, context), context);
        return h + _mlp.Forward(_norm2.Forward(h, context), context);
    }
}
