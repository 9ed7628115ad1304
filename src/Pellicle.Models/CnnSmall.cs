using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>A small network for private training at 28 to 64 pixels: four convolutions, each with GroupNorm and tanh, average pooling, one linear layer.</summary>
/// <remarks>Bounded activations and GroupNorm are what private training of small networks gains most from (Papernot et al. 2021; Tramèr and Boneh 2021).</remarks>
internal sealed class CnnSmall : FeatureNetwork
{
    /// <summary>Channels after each block.</summary>
    internal static readonly int[] Widths = [32, 64, 64, 128];

    private readonly Sequential _features;
    private readonly GlobalAveragePool _pool = new();
    private readonly Linear _head;

    public CnnSmall(int channels, int classes, ISeededRandom init)
    {
        _features = Add("features", Blocks(channels, init));
        _head = Add("head", new Linear(Widths[^1], classes, init));
    }

    public override string Kind => "cnn_small";

    public override Layer Classifier => _head;

    public override Tensor Features(Tensor images, ForwardContext context) => _pool.Forward(_features.Forward(images, context), context);

    protected override Tensor ReferenceFeatures(Tensor images, ReferencePass pass) => _pool.Reference(_features.Reference(images, pass), pass);

    protected override OnnxSymbol ExportFeatures(OnnxGraphBuilder graph, OnnxSymbol images) => _pool.Export(graph, _features.Export(graph, images));

    /// <summary>The blocks of convolution, normalisation and tanh; the first keeps the size, each other halves it.</summary>
    /// <param name="channels">C of the input.</param>
    /// <param name="init">Source of initial values.</param>
    internal static Sequential Blocks(int channels, ISeededRandom init)
    {
        var layers = new List<(string, Layer)>();
        int width = channels;
        for (int i = 0; i < Widths.Length; i++)
        {
            layers.Add(($"conv{i + 1}", new Conv2d(width, Widths[i], new ConvolutionGeometry(3, 3, i == 0 ? 1 : 2, 1), init)));
            layers.Add(($"norm{i + 1}", new GroupNorm(8, Widths[i])));
            layers.Add(($"act{i + 1}", new Tanh()));
            width = Widths[i];
        }

        return new Sequential([.. layers]);
    }
}
