using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A transformer on tokens that come in no order, such as encodings of patches: class token → blocks → norm and linear layer on the class token.</summary>
/// <remarks>Without <see cref="TokenTransformerOptions.HasPositions"/> the result does not depend on the order of the tokens.
/// With several sources an input has one token more than <see cref="TokenTransformerOptions.Tokens"/>: its first values are 1 at the number of the
/// source and 0 elsewhere, and a learned token of that source takes its place.</remarks>
public abstract class TokenTransformer : FeatureNetwork
{
    private readonly Parameter _classToken;
    private readonly PositionTable? _positions;
    private readonly Linear? _sourceTokens;
    private readonly Dropout? _dropout;

    /// <summary>Registers the tokens; the derived network adds its blocks.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="width">D of the blocks.</param>
    /// <param name="tokenDeviation">Standard deviation of initial values of learned tokens.</param>
    /// <param name="init">Source of initial values.</param>
    private protected TokenTransformer(TokenTransformerOptions options, int width, double tokenDeviation, ISeededRandom init)
    {
        Options = options;
        _classToken = AddParameter("cls_token", Initialization.Normal(init, tokenDeviation, 1, 1, width));
        _positions = options.HasPositions ? Add("positions", new PositionTable(options.Tokens, width, tokenDeviation, init)) : null;
        _sourceTokens = options.Sources > 1 ? Add("source_tokens", new Linear(Initialization.Normal(init, tokenDeviation, width, options.Sources), null)) : null;
        _dropout = options.Dropout > 0 ? Add("dropout", new Dropout(options.Dropout)) : null;
    }

    /// <summary>Sizes.</summary>
    protected TokenTransformerOptions Options { get; }

    /// <inheritdoc/>
    public override Tensor Features(Tensor images, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(context);
        Tensor tokens = Tokens(images, (layer, h) => layer.Forward(h, context));
        Tensor all = context.Record(this, WithClassToken(_classToken.Value, tokens), o => new TokenRecord(this, o, _classToken, null));
        return Blocks(all, (layer, h) => layer.Forward(h, context));
    }

    /// <inheritdoc/>
    protected override Tensor ReferenceFeatures(Tensor images, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(pass);
        Tensor tokens = Tokens(images, (layer, h) => layer.Reference(h, pass));
        return Blocks(WithClassToken(pass.Of(_classToken), tokens), (layer, h) => layer.Reference(h, pass));
    }

    /// <inheritdoc/>
    protected override OnnxSymbol ExportFeatures(OnnxGraphBuilder graph, OnnxSymbol images) =>
        throw new UsageException($"{Kind} works on encodings, which have no form in ONNX here.", "Export the weights as safetensors (--format safetensors).");

    /// <summary>Brings tokens to the width of the blocks.</summary>
    /// <param name="tokens">[N, P, tokenWidth].</param>
    /// <param name="apply">Runs a layer.</param>
    private protected abstract Tensor Project(Tensor tokens, Func<Layer, Tensor, Tensor> apply);

    /// <summary>From all tokens, class token first, to the normalised class token.</summary>
    /// <param name="tokens">[N, T, D].</param>
    /// <param name="apply">Runs a layer.</param>
    /// <returns>[N, D].</returns>
    private protected abstract Tensor Blocks(Tensor tokens, Func<Layer, Tensor, Tensor> apply);

    private Tensor Tokens(Tensor images, Func<Layer, Tensor, Tensor> apply)
    {
        Tensor patches = _sourceTokens is null ? images : images.Narrow(1, 0, Options.Tokens);
        Tensor tokens = Project(patches, apply);
        tokens = _positions is null ? tokens : apply(_positions, tokens);
        if (_sourceTokens is not null)
        {
            Tensor source = images.Narrow(1, Options.Tokens, 1).Narrow(2, 0, Options.Sources).Contiguous();
            tokens = Tensor.Concatenate(1, tokens, apply(_sourceTokens, source));
        }

        return _dropout is null ? tokens : apply(_dropout, tokens);
    }

    private static Tensor WithClassToken(Tensor classToken, Tensor tokens) =>
        Tensor.Concatenate(1, classToken.Expand(tokens.Size(0), 1, tokens.Size(2)), tokens);
}
