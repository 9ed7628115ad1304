using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A trained encoder in front of a transformer on its tokens: what training on encodings is compared with.</summary>
public sealed class EncodingFrontNetwork : Layer
{
    private readonly PatchEncoder _encoder;
    private readonly TokenTransformer _transformer;

    /// <summary>Joins the two.</summary>
    /// <param name="encoder">Pictures to tokens.</param>
    /// <param name="transformer">Tokens to logits.</param>
    public EncodingFrontNetwork(PatchEncoder encoder, TokenTransformer transformer)
    {
        _encoder = Add("encoder", encoder);
        _transformer = Add("vit", transformer);
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => _transformer.Reference(_encoder.Reference(input, pass), pass);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => _transformer.Forward(_encoder.Forward(input, context), context);
}
