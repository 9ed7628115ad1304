using Pellicle.Core.Random;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A small vision transformer on encodings: norm and linear map of each token to 256, class token, pre-norm blocks, head.</summary>
/// <remarks>Does the work of <see cref="DeepVit"/> at an eighth of its width: the costs are those of the first linear map, which needs no input gradient.</remarks>
public sealed class EncodedVit : TokenTransformer
{
    /// <summary>D of the blocks.</summary>
    public const int Width = 256;

    private readonly LayerNorm _inputNorm;
    private readonly Linear _projection;
    private readonly Sequential _blocks;
    private readonly LayerNorm _norm;
    private readonly Linear _head;

    /// <summary>Makes the network.</summary>
    /// <param name="options">Sizes; the heads divide 256.</param>
    /// <param name="init">Source of initial values.</param>
    public EncodedVit(TokenTransformerOptions options, ISeededRandom init)
        : base(options, Width, 0.02, init)
    {
        _inputNorm = Add("input_norm", new LayerNorm(options.TokenWidth));
        _projection = Add("projection", new Linear(options.TokenWidth, Width, init));
        _blocks = Add("blocks", new Sequential([.. Enumerable.Range(0, options.NumLayers).Select(_ => (Layer)new TransformerBlock(Width, options.NumHeads, 4 * Width, init))]));
        _norm = Add("norm", new LayerNorm(Width));
        _head = Add("head", new Linear(Initialization.TruncatedNormal(init, 0.02, options.Classes, Width), Initialization.Constant(0, options.Classes)));

        // Scale and shift of the input could be written into the linear map behind it; training them would ask for a gradient of the whole input.
        _inputNorm.Freeze(string.Empty);
    }

    /// <inheritdoc/>
    public override string Kind => "vit_encoded";

    /// <inheritdoc/>
    public override Layer Classifier => _head;

    private protected override Tensor Project(Tensor tokens, Func<Layer, Tensor, Tensor> apply) => apply(_projection, apply(_inputNorm, tokens));

    private protected override Tensor Blocks(Tensor tokens, Func<Layer, Tensor, Tensor> apply)
    {
        Tensor h = apply(_blocks, tokens);
        return apply(_norm, h.Narrow(1, 0, 1).Reshape(h.Size(0), Width));
    }
}
