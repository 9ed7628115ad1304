using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>The transformer of NeuraCrypt's reference on encodings, without its patch embedding (Yala et al. 2021; yala/NeuraCrypt, commit 6c9862d).</summary>
/// <remarks>Works at the width of the tokens. Names as in its state dictionary without the prefix "vit.". Its unused parameters pos_embedding and
/// to_patch_embedding do not exist here. Of the last block only the class token is computed, because nothing else of it is read.</remarks>
public sealed class DeepVit : TokenTransformer
{
    private readonly DeepVitBlock[] _blocks;
    private readonly LayerNorm _norm;
    private readonly Linear _head;

    /// <summary>Makes the network with the reference's initial values.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="init">Source of initial values.</param>
    public DeepVit(TokenTransformerOptions options, ISeededRandom init)
        : base(options, options.TokenWidth, 1, init)
    {
        _blocks = [.. Enumerable.Range(0, options.NumLayers).Select(i => Add($"transformer.layers.{i}", new DeepVitBlock(options.TokenWidth, options.NumHeads, options.Dropout, init, firstTokenOnly: i == options.NumLayers - 1)))];
        _norm = Add("mlp_head.0", new LayerNorm(options.TokenWidth, 1e-5));
        _head = Add("mlp_head.1", new Linear(options.TokenWidth, options.Classes, init));
    }

    /// <inheritdoc/>
    public override string Kind => "deepvit_encoded";

    /// <inheritdoc/>
    public override Layer Classifier => _head;

    private protected override Tensor Project(Tensor tokens, Func<Layer, Tensor, Tensor> apply) => tokens;

    private protected override Tensor Blocks(Tensor tokens, Func<Layer, Tensor, Tensor> apply)
    {
        Tensor h = _blocks.Aggregate(tokens, (value, block) => apply(block, value));
        return apply(_norm, h.Reshape(h.Size(0), h.Size(2)));
    }
}
