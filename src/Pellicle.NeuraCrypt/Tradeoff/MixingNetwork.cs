using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Nn;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>The public, trained part of an obfuscator in the manner of Syfer: an embedding of patches and blocks that mix them, between which secret random layers stand.</summary>
/// <remarks>Xu et al. 2022, arXiv 2201.12406: trained layers interleaved with random ones whose weights are the key. What it withstands is known by attacks only.</remarks>
internal sealed class MixingNetwork : Layer
{
    private readonly Linear _embedding;
    private readonly Parameter _positions;
    private readonly TransformerBlock[] _blocks;
    private readonly EncoderArchitecture _architecture;

    /// <summary>Makes it untrained.</summary>
    /// <param name="architecture">Patches and width; the depth is the number of blocks, at least 1.</param>
    /// <param name="init">Source of initial values.</param>
    public MixingNetwork(EncoderArchitecture architecture, ISeededRandom init)
    {
        _architecture = architecture;
        int width = architecture.HiddenDim;
        _embedding = Add("embedding", new Linear(architecture.PatchValues, width, init));
        _positions = AddParameter("positions", Initialization.Normal(init, 1, architecture.Patches, width));
        _blocks = [.. Enumerable.Range(0, Math.Max(1, architecture.Depth)).Select(i => Add($"block{i}", new TransformerBlock(width, Math.Max(1, width / 64), 2 * width, init)))];
    }

    /// <summary>Number of secret layers: one behind each block.</summary>
    public int SecretLayers => _blocks.Length;

    /// <summary>Encodes under a key, differentiable.</summary>
    /// <param name="images">[B, C, S, S].</param>
    /// <param name="key">One secret layer for each block.</param>
    /// <param name="pass">Parameters.</param>
    /// <returns>[B, P, hidden], rows in an order that the mixing has made meaningless.</returns>
    public Tensor Encode(Tensor images, IReadOnlyList<SecretLayer> key, ReferencePass pass) =>
        Run(images, key, _embedding.Reference(Patches(images), pass), pass.Of(_positions), (block, h) => block.Reference(h, pass));

    /// <summary>The same without derivatives.</summary>
    public Tensor Encode(Tensor images, IReadOnlyList<SecretLayer> key)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        ForwardContext context = ForwardContext.Evaluation();
        return scope.Keep(Run(images, key, _embedding.Forward(Patches(images), context), _positions.Value, (block, h) => block.Forward(h, context)));
    }

    public override Tensor Reference(Tensor input, ReferencePass pass) => throw new NotSupportedException("an encoding needs a key.");

    protected override Tensor Compute(Tensor input, ForwardContext context) => throw new NotSupportedException("an encoding needs a key.");

    private Tensor Patches(Tensor images) => PrivateEncoder.Patches(images, _architecture).Reshape(images.Size(0), _architecture.Patches, _architecture.PatchValues);

    private Tensor Run(Tensor images, IReadOnlyList<SecretLayer> key, Tensor embedded, Tensor positions, Func<TransformerBlock, Tensor, Tensor> apply)
    {
        System.Diagnostics.Debug.Assert(key.Count == _blocks.Length, "one secret layer for each block");
        Tensor h = embedded + positions;
        for (int i = 0; i < _blocks.Length; i++)
        {
            Tensor mixed = Normalised(apply(_blocks[i], h));
            h = mixed.Linear(key[i].Weight, key[i].Bias);
            h = i == _blocks.Length - 1 ? h : h.Relu();
        }

        return h.Reshape(images.Size(0), _architecture.Patches, -1);
    }

    // Rows of length √width: neither training nor a key can hide or leak by scale.
    private static Tensor Normalised(Tensor h) => h / (h.Square().Mean(2, keep: true) + 1e-5).Sqrt();
}
