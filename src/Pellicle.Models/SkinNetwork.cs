using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>Chains of 3x3 convolutions, each with batch normalisation and ReLU, for pictures of skin: the classic deep one, and one made for encrypted prediction.</summary>
/// <remarks>Encrypted prediction pays for every ReLU: at 200 pixels and three channels <c>skin_vgg</c> has 10.8 million of them and 12 G multiply-additions,
/// <c>skin_fast</c>, whose convolutions step by two, 0.46 million and 0.05 G.</remarks>
internal sealed class SkinNetwork : FeatureNetwork
{
    private const int HiddenWidth = 64;

    private readonly Sequential _features;
    private readonly Flatten _flatten = new();
    private readonly Sequential _head;

    private SkinNetwork(string kind, Sequential features, Sequential head)
    {
        Kind = kind;
        _features = Add("features", features);
        _head = Add("head", head);
    }

    public override string Kind { get; }

    public override Layer Classifier => _head;

    /// <summary>Thirteen convolutions of 64 to 512 channels in five blocks, each followed by a mean pool: VGG-16 (Simonyan and Zisserman 2015) with batch normalisation, mean pools and one linear layer.</summary>
    /// <param name="options">Images of at least 32 pixels.</param>
    /// <param name="init">Source of initial values.</param>
    public static SkinNetwork Vgg(ModelOptions options, ISeededRandom init)
    {
        var layers = new List<(string, Layer)>();
        int width = options.Channels, side = options.ImageSize;
        foreach ((int channels, int convolutions) in new[] { (64, 2), (128, 2), (256, 3), (512, 3), (512, 3) })
        {
            for (int i = 0; i < convolutions; i++)
            {
                Append(layers, width, channels, 1, init);
                width = channels;
            }

            layers.Add(($"pool{layers.Count}", new AveragePool2d(2, 2)));
            side /= 2;
        }

        Require("skin_vgg", side, options.ImageSize, 32);
        return new SkinNetwork("skin_vgg", new Sequential([.. layers]), new Sequential(("fc", new Linear(width * side * side, options.Classes, init))));
    }

    /// <summary>Five convolutions with step two, 32, 32, 64, 64 and 128 channels, then 64 and the classes.</summary>
    /// <param name="options">Images of at least 16 pixels.</param>
    /// <param name="init">Source of initial values.</param>
    public static SkinNetwork Fast(ModelOptions options, ISeededRandom init)
    {
        var layers = new List<(string, Layer)>();
        int width = options.Channels, side = options.ImageSize;
        foreach (int channels in new[] { 32, 32, 64, 64, 128 })
        {
            Append(layers, width, channels, 2, init);
            width = channels;
            side = (side + 1) / 2;
        }

        Require("skin_fast", options.ImageSize / 16, options.ImageSize, 16);
        return new SkinNetwork("skin_fast", new Sequential([.. layers]), new Sequential(
            ("fc1", new Linear(width * side * side, HiddenWidth, init)),
            ("act", new Relu()),
            ("fc2", new Linear(HiddenWidth, options.Classes, init))));
    }

    public override Tensor Features(Tensor images, ForwardContext context) => _flatten.Forward(_features.Forward(images, context), context);

    protected override Tensor ReferenceFeatures(Tensor images, ReferencePass pass) => _flatten.Reference(_features.Reference(images, pass), pass);

    protected override OnnxSymbol ExportFeatures(OnnxGraphBuilder graph, OnnxSymbol images) => _flatten.Export(graph, _features.Export(graph, images));

    private static void Append(List<(string, Layer)> layers, int from, int to, int stride, ISeededRandom init)
    {
        int number = layers.Count;
        layers.Add(($"conv{number}", BasicBlock.Convolution(from, to, 3, stride, init)));
        layers.Add(($"norm{number}", new BatchNorm2d(to)));
        layers.Add(($"act{number}", new Relu()));
    }

    private static void Require(string name, int side, int imageSize, int least)
    {
        if (side < 1)
        {
            throw new UsageException($"--image-size is {imageSize}; {name} needs at least {least} pixels a side.", "Use 200, the size it is made for.");
        }
    }
}
