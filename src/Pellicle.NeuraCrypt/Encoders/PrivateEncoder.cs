using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>The secret random network: images [B, C, H, W] in, patch encodings [B, P, hiddenDim] out, in patch order (the shuffle is a step of its own).</summary>
/// <remarks>Yala et al. 2021: patch convolution, ReLU; d times 1×1 convolution, norm, ReLU; plus positions; ReLU; linear. The last ReLU acts before
/// the linear layer, and nothing after it. Everything works on rows of patches, so each layer is one matrix product. With frozen statistics the norms
/// are folded into the products and an encoding is a function of one image. There is no formal guarantee: see <see cref="HonestWording"/>.</remarks>
public sealed class PrivateEncoder : IRowEncoder
{
    private readonly EncoderWeights _weights;
    private readonly DType _type;
    private readonly FoldedLayer _patches;
    private readonly List<FoldedLayer> _layers = [];
    private readonly FoldedLayer? _mixer;
    private readonly Tensor? _positions;

    /// <summary>Makes the encoder.</summary>
    /// <param name="weights">Derived from a key, or imported.</param>
    /// <param name="statistics">One per norm in <see cref="EncoderNormalisation.Frozen"/> mode; not used in the others.</param>
    /// <param name="precision">Number format of the operands of products. bfloat16 takes a third of the time, and encodings within 2e-2 of their size; it needs norms that are folded.</param>
    /// <exception cref="InvalidOperationException">Frozen mode without statistics for each norm, or bfloat16 with norms of the batch.</exception>
    public PrivateEncoder(EncoderWeights weights, IReadOnlyList<NormStatistics>? statistics = null, ProductPrecision precision = ProductPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _weights = weights;
        _type = precision == ProductPrecision.Bfloat16 ? DType.BFloat16 : DType.Float32;
        if (_type == DType.BFloat16 && MixesImages)
        {
            throw new InvalidOperationException("Norms of the batch are computed in float32.");
        }

        EncoderArchitecture architecture = weights.Architecture;
        if (architecture.Normalisation == EncoderNormalisation.Frozen && architecture.Kind == EncoderKind.Conv && (statistics?.Count ?? 0) != architecture.Depth)
        {
            throw new InvalidOperationException($"{statistics?.Count ?? 0} frozen statistics for {architecture.Depth} norms: calibrate first.");
        }

        _patches = InType(FoldedLayer.Plain(weights["image_encoder.0.weight"], weights["image_encoder.0.bias"]));
        if (architecture.Kind == EncoderKind.Linear)
        {
            return;
        }

        for (int i = 0; i < architecture.Depth; i++)
        {
            _layers.Add(InType(architecture.Normalisation == EncoderNormalisation.Frozen ? Folded(weights, i, statistics![i]) : Unfolded(weights, i)));
        }

        _positions = Tensor.From<float>(weights["pos_embedding"], 1, architecture.Patches, architecture.Width).To(_type).Detached();
        _mixer = InType(FoldedLayer.Plain(weights["mixer.1.weight"], weights["mixer.1.bias"]));
    }

    /// <summary>Family and sizes.</summary>
    public EncoderArchitecture Architecture => _weights.Architecture;

    /// <summary>True if an encoding depends on the other images of its batch.</summary>
    public bool MixesImages => Architecture is { Normalisation: EncoderNormalisation.Batch, Depth: > 0 };

    /// <summary>The matrix products in the order of the network, norms folded in where they are frozen; the last one is the mixer, except for the linear kind.</summary>
    internal IReadOnlyList<FoldedLayer> Products => [_patches, .. _layers, .. _mixer is null ? [] : new[] { _mixer }];

    /// <summary>[1, P, width]; null for the linear kind.</summary>
    internal Tensor? Positions => _positions;

    /// <summary>Encodes a batch.</summary>
    /// <param name="images">[B, C, S, S], float32, normalised by <see cref="EncoderArchitecture.Mean"/> and <see cref="EncoderArchitecture.Std"/>.</param>
    /// <returns>[B, P, hiddenDim], float32, rows in the order of the patches; belongs to the caller's scope.</returns>
    /// <exception cref="ArgumentException">Another shape.</exception>
    public Tensor Encode(Tensor images) => Encode(images, null);

    /// <summary>The same, showing each layer's value [B, P, width] under the names of the reference.</summary>
    internal Tensor Encode(Tensor images, Action<string, Tensor>? observe)
    {
        ArgumentNullException.ThrowIfNull(images);
        EncoderArchitecture a = Architecture;
        long[] shape = images.Shape;
        if (shape.Length != 4 || shape[1] != a.Channels || shape[2] != a.ImageSize || shape[3] != a.ImageSize)
        {
            throw new ArgumentException($"Images have shape [{string.Join(", ", shape)}]; the encoder expects [B, {a.Channels}, {a.ImageSize}, {a.ImageSize}].", nameof(images));
        }

        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        int stage = 0;
        void Show(string layer, Tensor value) => observe?.Invoke($"stage.{stage++:D2}.{layer}", value.Reshape(shape[0], a.Patches, value.Size(-1)).Clone());
        Tensor rows = Patches(images, a);
        Tensor h = Product(rows, _patches, a.Kind == EncoderKind.Linear ? DType.Float32 : _type);
        Show("Conv2d", h);
        if (a.Kind == EncoderKind.Linear)
        {
            return scope.Keep(h.Reshape(shape[0], a.Patches, a.HiddenDim));
        }

        AtenOperators.ReluInPlace.Apply(h);
        Show("ReLU", h);
        for (int i = 0; i < _layers.Count; i++)
        {
            h = Replace(h, Product(h, _layers[i], _type));
            Show("Conv2d", h);
            if (a.Normalisation == EncoderNormalisation.Batch)
            {
                NormaliseByBatch(h, i);
                Show("BatchNorm2d", h);
            }

            AtenOperators.ReluInPlace.Apply(h);
            Show("ReLU", h);
        }

        Tensor tokens = h.Reshape(shape[0], a.Patches, a.Width);
        tokens.AddInPlace(_positions!);
        observe?.Invoke("stage.pos_added", tokens.Clone());
        AtenOperators.ReluInPlace.Apply(h);
        return scope.Keep(Product(h, _mixer!, DType.Float32).Reshape(shape[0], a.Patches, a.HiddenDim));
    }

    /// <summary>The patch convolution and its ReLU: [B·P, width]; what calibration starts from.</summary>
    internal Tensor FirstLayer(Tensor images)
    {
        Tensor h = Product(Patches(images, Architecture), _patches, DType.Float32);
        AtenOperators.ReluInPlace.Apply(h);
        return h;
    }

    /// <summary>x Wᵀ + b for rows x, in the format of the weight.</summary>
    internal static Tensor Product(Tensor rows, FoldedLayer layer, DType output = DType.Float32) =>
        PellicleOperators.Linear.Call(rows.Type == layer.Weight.Type ? rows : rows.To(layer.Weight.Type), layer.Weight, layer.Bias, (int)output);

    /// <summary>Layer i without its norm.</summary>
    internal static FoldedLayer Unfolded(EncoderWeights weights, int i) =>
        FoldedLayer.Plain(weights[EncoderArchitecture.ConvolutionName(i, "weight")], weights[EncoderArchitecture.ConvolutionName(i, "bias")]);

    /// <summary>Layer i with its norm folded in.</summary>
    internal static FoldedLayer Folded(EncoderWeights weights, int i, NormStatistics statistics) => FoldedLayer.WithNorm(
        weights[EncoderArchitecture.ConvolutionName(i, "weight")],
        weights[EncoderArchitecture.ConvolutionName(i, "bias")],
        weights[EncoderArchitecture.NormName(i, "weight")],
        weights[EncoderArchitecture.NormName(i, "bias")],
        statistics);

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        _patches.Dispose();
        _layers.ForEach(layer => layer.Dispose());
        _mixer?.Dispose();
        _positions?.Dispose();
    }

    private FoldedLayer InType(FoldedLayer layer) => _type == DType.BFloat16 ? layer.Narrow() : layer;

    private static Tensor Replace(Tensor former, Tensor next)
    {
        former.Dispose(); // 268 MB a layer at batch 128: not kept until the end of the scope
        return next;
    }

    // Patches as rows [B·P, C·k·k], patch by patch in reading order, each in the order of the convolution's weights.
    internal static Tensor Patches(Tensor images, EncoderArchitecture a)
    {
        long side = a.ImageSize / a.PatchSize;
        return images.Reshape(images.Size(0), a.Channels, side, a.PatchSize, side, a.PatchSize)
            .Permute(0, 2, 4, 1, 3, 5)
            .Contiguous()
            .Reshape(-1, a.PatchValues);
    }

    // The inverse of Patches: rows [B·P, C·k·k] → [B, C, S, S].
    internal static Tensor Pictures(Tensor rows, EncoderArchitecture a)
    {
        long side = a.ImageSize / a.PatchSize;
        return rows.Reshape(-1, side, side, a.Channels, a.PatchSize, a.PatchSize)
            .Permute(0, 3, 1, 4, 2, 5)
            .Contiguous()
            .Reshape(-1, a.Channels, a.ImageSize, a.ImageSize);
    }

    // Mean and biased variance over batch and patches, as torch's BatchNorm2d without running statistics.
    private void NormaliseByBatch(Tensor h, int i)
    {
        Tensor mean = h.Mean(0);
        h.AddInPlace(mean, -1);
        Tensor scale = (h.Square().Mean(0) + NormStatistics.Epsilon).Sqrt().Reciprocal()
            * Tensor.From<float>(_weights[EncoderArchitecture.NormName(i, "weight")], Architecture.Width);
        h.MultiplyInPlace(scale);
        h.AddInPlace(Tensor.From<float>(_weights[EncoderArchitecture.NormName(i, "bias")], Architecture.Width));
    }
}
