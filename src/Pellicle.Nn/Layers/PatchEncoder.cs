using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>The network of a NeuraCrypt encoder with weights that are trained: pictures in, tokens out. The plain baseline of training on encodings; it hides nothing.</summary>
/// <remarks>Yala et al. 2021: patch convolution and ReLU; d times 1×1 convolution, norm, ReLU; plus positions; ReLU; linear. A 1×1 convolution is a
/// linear layer on tokens. The norms are LayerNorm: norms of the batch would make an image's result depend on the others.</remarks>
public sealed class PatchEncoder : Layer
{
    private readonly Sequential _layers;
    private readonly PositionTable _positions;
    private readonly Relu _relu = new();
    private readonly Linear _mixer;
    private readonly TokenShuffle? _shuffle;

    /// <summary>Makes the layer with the reference's initial values.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="init">Source of initial values.</param>
    public PatchEncoder(PatchEncoderOptions options, ISeededRandom init)
    {
        ArgumentNullException.ThrowIfNull(options);
        int width = options.TokenWidth;
        var layers = new List<(string, Layer)> { ("patches", new PatchEmbedding(options.Channels, options.PatchSize, width, init)), ("relu0", new Relu()) };
        for (int i = 1; i <= options.Depth; i++)
        {
            layers.Add(($"linear{i}", new Linear(width, width, init)));
            layers.Add(($"norm{i}", new LayerNorm(width, 1e-5)));
            layers.Add(($"relu{i}", new Relu()));
        }

        _layers = Add("layers", new Sequential([.. layers]));
        _positions = Add("positions", new PositionTable(options.Tokens, width, 1, init));
        _mixer = Add("mixer", new Linear(width, width, init));
        _shuffle = options.Shuffles ? Add("shuffle", new TokenShuffle()) : null;
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => Run(input, (layer, h) => layer.Reference(h, pass));

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => Run(input, (layer, h) => layer.Forward(h, context));

    private Tensor Run(Tensor images, Func<Layer, Tensor, Tensor> apply)
    {
        Tensor mixed = apply(_mixer, apply(_relu, apply(_positions, apply(_layers, images))));
        return _shuffle is null ? mixed : apply(_shuffle, mixed);
    }
}

/// <summary>Sizes of a <see cref="PatchEncoder"/>.</summary>
/// <param name="ImageSize">S, pixels on a side, a multiple of <paramref name="PatchSize"/>.</param>
/// <param name="PatchSize">k.</param>
/// <param name="Channels">C.</param>
/// <param name="TokenWidth">Numbers of a token.</param>
/// <param name="Depth">d, 1×1 convolutions, at least 0.</param>
/// <param name="Shuffles">Puts the tokens of each image into a random order while training.</param>
public sealed record PatchEncoderOptions(int ImageSize, int PatchSize, int Channels, int TokenWidth, int Depth, bool Shuffles)
{
    /// <summary>P = (S/k)².</summary>
    public int Tokens => (ImageSize / PatchSize) * (ImageSize / PatchSize);
}
