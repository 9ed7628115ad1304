using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Vision transformer (Dosovitskiy et al. 2021) with class token and learned positions; names as in timm.</summary>
public sealed class VisionTransformer : FeatureNetwork
{
    private readonly PatchEmbedding _patches;
    private readonly Parameter _classToken;
    private readonly Sequential _blocks;
    private readonly LayerNorm _norm;
    private readonly Linear _head;

    /// <summary>Makes the network with timm's initial values.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="init">Source of initial values.</param>
    /// <exception cref="ArgumentException">The patch size does not divide the image size.</exception>
    public VisionTransformer(VisionTransformerOptions options, ISeededRandom init)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.PatchSize < 1 || options.ImageSize % options.PatchSize != 0)
        {
            throw new ArgumentException($"Image size {options.ImageSize} is no multiple of the patch size {options.PatchSize}.", nameof(options));
        }

        int width = options.Width;
        int side = options.ImageSize / options.PatchSize;
        _classToken = AddParameter("cls_token", Initialization.Normal(init, 1e-6, 1, 1, width));
        Positions = AddParameter("pos_embed", Initialization.TruncatedNormal(init, 0.02, 1, ((long)side * side) + 1, width));
        _patches = Add("patch_embed", new PatchEmbedding(options.Channels, options.PatchSize, width, init));
        _blocks = Add("blocks", new Sequential([.. Enumerable.Range(0, options.Depth).Select(_ => (Layer)new TransformerBlock(width, options.Heads, 4 * width, init))]));
        _norm = Add("norm", new LayerNorm(width));
        _head = Add("head", new Linear(Initialization.TruncatedNormal(init, 0.02, options.Classes, width), Initialization.Constant(0, options.Classes)));
    }

    /// <summary>Position table [1, (S/P)² + 1, D], class token first.</summary>
    public Parameter Positions { get; }

    /// <inheritdoc/>
    public override Layer Classifier => _head;

    /// <inheritdoc/>
    public override Tensor Features(Tensor images, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Tensor tokens = Tokens(_patches.Forward(images, context), _classToken.Value, Positions.Value);
        Tensor recorded = context.Record(this, tokens, o => new TokenRecord(this, o, _classToken, Positions));

        // The class token is taken before the last norm, which works on each token by itself: one row in place of T.
        return _norm.Forward(ClassToken(_blocks.Forward(recorded, context)), context);
    }

    /// <inheritdoc/>
    protected override Tensor ReferenceFeatures(Tensor images, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        Tensor h = _blocks.Reference(Tokens(_patches.Reference(images, pass), pass.Of(_classToken), pass.Of(Positions)), pass);
        return ClassToken(_norm.Reference(h, pass));
    }

    /// <inheritdoc/>
    /// <remarks>The class token is the same for all images: a zero token is padded in front, and the table of positions brings token and position in one addition.</remarks>
    protected override OnnxSymbol ExportFeatures(OnnxGraphBuilder graph, OnnxSymbol images)
    {
        ArgumentNullException.ThrowIfNull(graph);
        OnnxSymbol patches = _patches.Export(graph, images);
        long tokens = patches.Shape[0] + 1;
        long width = patches.Shape[1];
        float[] table = Positions.Value.ToArray<float>();
        ReadOnlySpan<float> token = _classToken.Value.Data<float>();
        for (int i = 0; i < width; i++)
        {
            table[i] += token[i];
        }

        OnnxSymbol h = graph.Add(Path, "Pad", [patches.Name, graph.Integers(0, 1, 0, 0, 0, 0)], [tokens, width], ("mode", "constant"));
        h = graph.Add(Path, "Add", [h.Name, graph.Constant("pos_embed", OnnxTensor.Of(table, 1, tokens, width))], h.Shape);
        h = _blocks.Export(graph, h);
        h = graph.Add(Path, "Gather", [h.Name, graph.Constant("index:0", OnnxTensor.Of([0L], []))], [width], ("axis", 1L));
        return _norm.Export(graph, h);
    }

    private static Tensor Tokens(Tensor patches, Tensor classToken, Tensor positions) =>
        Tensor.Concatenate(1, classToken.Expand(patches.Size(0), 1, patches.Size(2)), patches) + positions;

    private static Tensor ClassToken(Tensor tokens) => tokens.Narrow(1, 0, 1).Reshape(tokens.Size(0), tokens.Size(2));
}
