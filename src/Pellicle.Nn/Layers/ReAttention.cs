using Pellicle.Core.Random;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Self-attention whose maps are mixed between heads and normalised over heads before they weigh the values (Zhou et al. 2021, DeepViT, arXiv 2103.11886).</summary>
/// <remarks>As in the transformer of NeuraCrypt's reference: heads are 64 wide whatever the width of the model, the packed projection has no bias,
/// A'[b,g,i,j] = Σ_h A[b,h,i,j]·R[h,g], then LayerNorm over g. Names as there: to_qkv, reattn_weights, reattn_norm.1, to_out.0.</remarks>
public sealed class ReAttention : Layer
{
    /// <summary>Width of a head.</summary>
    public const int HeadWidth = 64;

    private readonly int _heads;
    private readonly bool _firstTokenOnly;
    private readonly Linear _qkv;
    private readonly Parameter _mixing;
    private readonly LayerNorm _norm;
    private readonly Linear _projection;

    /// <summary>Makes the layer with the reference's initial values.</summary>
    /// <param name="width">D.</param>
    /// <param name="numHeads">Attention heads, at least 1.</param>
    /// <param name="init">Source of initial values.</param>
    /// <param name="firstTokenOnly">Gives the result of token 0 alone, [N, 1, D]: the same numbers, for a last block of which nothing else is read.</param>
    public ReAttention(int width, int numHeads, ISeededRandom init, bool firstTokenOnly = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numHeads, 1);
        _heads = numHeads;
        _firstTokenOnly = firstTokenOnly;
        _qkv = Add("to_qkv", new Linear(width, 3 * numHeads * HeadWidth, init, bias: false));
        _mixing = AddParameter("reattn_weights", Initialization.Normal(init, 1, numHeads, numHeads));
        _norm = Add("reattn_norm.1", new LayerNorm(numHeads, 1e-5));
        _projection = Add("to_out.0", new Linear(numHeads * HeadWidth, width, init));
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        (Tensor maps, Tensor values) = Attend(_qkv.Reference(input, pass));
        Tensor mixed = _norm.Reference(maps.MatMul(pass.Of(_mixing)), pass);
        return _projection.Reference(Weigh(mixed, values), pass);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        (Tensor maps, Tensor values) = Attend(_qkv.Forward(input, context));
        Tensor mixed = context.Record(this, maps.MatMul(_mixing.Value), Record(maps));
        return _projection.Forward(Weigh(_norm.Forward(mixed, context), values), context);
    }

    // With rows a of the maps and g of the gradient, dR = Σ a gᵀ: a linear layer's weight gradient with both sides exchanged.
    private Func<Tensor, TapeRecord> Record(Tensor maps) => output => new ProductRecord(
        this, output, _mixing, null, maps, new RecordShape(output.Size(1) * output.Size(2), _heads, _heads),
        (gradient, _, rows, _) => new LinearWeightGradient(_mixing, null, AsRows(gradient), AsRows(rows)));

    private Tensor AsRows(Tensor maps) => maps.Reshape(maps.Size(0), -1, _heads);

    // Attention maps [N, Q, T, heads] and values [N, heads, T, 64]; Q is T, or 1 for the first token alone.
    private (Tensor Maps, Tensor Values) Attend(Tensor projected)
    {
        long n = projected.Size(0);
        long t = projected.Size(1);
        Tensor packed = projected.Reshape(n, t, 3, _heads, HeadWidth).Permute(2, 0, 3, 1, 4);
        Tensor q = packed.Select(0, 0);
        Tensor k = packed.Select(0, 1);
        q = _firstTokenOnly ? q.Narrow(2, 0, 1) : q;
        Tensor maps = (q.MatMul(k.Transpose()) * (1 / Math.Sqrt(HeadWidth))).Softmax();
        return (maps.Permute(0, 2, 3, 1).Contiguous(), packed.Select(0, 2));
    }

    private Tensor Weigh(Tensor maps, Tensor values) =>
        maps.Permute(0, 3, 1, 2).MatMul(values).Transpose(1, 2).Reshape(maps.Size(0), maps.Size(1), _heads * HeadWidth);
}
