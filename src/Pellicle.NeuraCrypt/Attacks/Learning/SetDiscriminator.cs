using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Tells encodings of two sources apart: a transformer without positions over rows, with a token for the class label after them.</summary>
/// <remarks>Yala et al. 2021: the discriminator of the generative attack is the classifier with a class-label token.</remarks>
internal sealed class SetDiscriminator : Layer
{
    private const int Width = 64;
    private readonly Linear _projection;
    private readonly Parameter _labels;
    private readonly TransformerBlock _block;
    private readonly LayerNorm _norm;
    private readonly Linear _head;

    /// <summary>Makes it.</summary>
    /// <param name="hidden">Numbers of a row.</param>
    /// <param name="classes">K, at least 1.</param>
    /// <param name="init">Source of initial values.</param>
    public SetDiscriminator(int hidden, int classes, ISeededRandom init)
    {
        _projection = Add("projection", new Linear(hidden, Width, init));
        _labels = AddParameter("labels", GaussianTensor.Draw(init, 0, 1, classes, Width));
        _block = Add("block", new TransformerBlock(Width, 4, 2 * Width, init));
        _norm = Add("norm", new LayerNorm(Width));
        _head = Add("head", new Linear(Width, 2, init));
    }

    /// <summary>Logits [B, 2]; class 1 is the target's encoder.</summary>
    /// <param name="rows">[B, R, hidden].</param>
    /// <param name="labels">[B], int64.</param>
    /// <param name="pass">Parameters.</param>
    public Tensor Logits(Tensor rows, Tensor labels, ReferencePass pass)
    {
        Tensor tokens = Tensor.Concatenate(1, _projection.Reference(rows, pass), pass.Of(_labels).IndexSelect(0, labels).Unsqueeze(1));
        return _head.Reference(_norm.Reference(_block.Reference(tokens, pass).Select(1, rows.Size(1)), pass), pass);
    }

    public override Tensor Reference(Tensor input, ReferencePass pass) => Logits(input, Tensor.Zeros(DType.Int64, input.Size(0)), pass);

    protected override Tensor Compute(Tensor input, ForwardContext context) => throw new NotSupportedException("trained by LossDescent, without a tape.");
}
