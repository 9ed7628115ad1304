using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Pre-norm block of NeuraCrypt's reference transformer: x + ReAttention(LN(x)), then x + FF(LN(x)) with FF of twice the width and exact GELU.</summary>
/// <remarks>Names as in its state dictionary: 0.fn.norm, 0.fn.fn, 1.fn.norm, 1.fn.fn.net.0, 1.fn.fn.net.3.</remarks>
public sealed class DeepVitBlock : Layer
{
    private readonly bool _firstTokenOnly;
    private readonly LayerNorm _norm1;
    private readonly ReAttention _attention;
    private readonly LayerNorm _norm2;
    private readonly Linear _expand;
    private readonly Gelu _activation = new();
    private readonly Linear _contract;
    private readonly Dropout[] _dropouts;

    /// <summary>Makes the block with the reference's initial values.</summary>
    /// <param name="width">D.</param>
    /// <param name="numHeads">Attention heads of width 64.</param>
    /// <param name="dropout">Share dropped after attention and in the feed-forward part, in [0, 1).</param>
    /// <param name="init">Source of initial values.</param>
    /// <param name="firstTokenOnly">Gives token 0 alone, [N, 1, D]; for the last block.</param>
    public DeepVitBlock(int width, int numHeads, double dropout, ISeededRandom init, bool firstTokenOnly = false)
    {
        _firstTokenOnly = firstTokenOnly;
        _norm1 = Add("0.fn.norm", new LayerNorm(width, 1e-5));
        _attention = Add("0.fn.fn", new ReAttention(width, numHeads, init, firstTokenOnly));
        _norm2 = Add("1.fn.norm", new LayerNorm(width, 1e-5));
        _expand = Add("1.fn.fn.net.0", new Linear(width, 2 * width, init));
        _contract = Add("1.fn.fn.net.3", new Linear(2 * width, width, init));
        _dropouts = dropout > 0 ? [.. new[] { "0.drop", "1.drop.0", "1.drop.1" }.Select(name => Add(name, new Dropout(dropout)))] : [];
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(input, (layer, h) => layer.Reference(h, pass));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => Run(input, (layer, h) => layer.Forward(h, context));

    private Tensor Run(Tensor input, Func<Layer, Tensor, Tensor> apply)
    {
        Tensor attended = Drop(0, apply(_attention, apply(_norm1, input)), apply);
        Tensor h = (_firstTokenOnly ? input.Narrow(1, 0, 1) : input) + attended;
        Tensor inner = Drop(1, apply(_activation, apply(_expand, apply(_norm2, h))), apply);
        return h + Drop(2, apply(_contract, inner), apply);
    }

    private Tensor Drop(int place, Tensor h, Func<Layer, Tensor, Tensor> apply) => _dropouts.Length == 0 ? h : apply(_dropouts[place], h);
}
