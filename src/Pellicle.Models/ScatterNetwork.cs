using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>Wavelet scattering, normalised within each image, and a small classifier on it: the private networks of Tramèr and Boneh 2021.</summary>
/// <remarks>Only the classifier has parameters. The front end follows from image size, scales and directions, so weight files do not hold it.</remarks>
internal sealed class ScatterNetwork : FeatureNetwork
{
    /// <summary>J where the user names none.</summary>
    public const int DefaultScales = 2;

    /// <summary>L where the user names none.</summary>
    public const int DefaultAngles = 8;

    private const int Width = 64;

    private readonly ScatteringTransform _scattering;
    private readonly ScatteringNormalization _normalization;
    private readonly Flatten? _flatten;

    private ScatterNetwork(string kind, ScatteringTransform scattering, double scale, int angles, Layer classifier, string classifierName, bool isFlat)
    {
        Kind = kind;
        _scattering = Add("scattering", scattering);
        _normalization = Add("normalization", new ScatteringNormalization(scattering.Maps, angles, scale));
        _flatten = isFlat ? new Flatten() : null;
        Classifier = Add(classifierName, classifier);
    }

    public override string Kind { get; }

    public override Layer Classifier { get; }

    /// <summary>One linear layer, at first zero: the loss is convex, and nothing is gained by a random start that private steps would have to undo.</summary>
    public static ScatterNetwork Linear(ModelSpec spec)
    {
        ScatteringTransform scattering = Transform(spec);
        int features = spec.Channels * scattering.Maps * scattering.OutputSize * scattering.OutputSize;
        var head = new Linear(Initialization.Constant(0, spec.Classes, features), Initialization.Constant(0, spec.Classes));
        return new ScatterNetwork(spec.Name, scattering, 1 / Math.Sqrt(features), spec.ScatteringAngles!.Value, head, "head", isFlat: true);
    }

    /// <summary>Two convolutions with group normalisation and tanh, then one linear layer over all positions.</summary>
    public static ScatterNetwork Convolutional(ModelSpec spec, ISeededRandom init)
    {
        ScatteringTransform scattering = Transform(spec);
        int side = (scattering.OutputSize + 1) / 2;
        var classifier = new Sequential(
            ("conv1", new Conv2d(spec.Channels * scattering.Maps, Width, new ConvolutionGeometry(3, 3, 1, 1), init)),
            ("norm1", new GroupNorm(8, Width)),
            ("act1", new Tanh()),
            ("conv2", new Conv2d(Width, Width, new ConvolutionGeometry(3, 3, 2, 1), init)),
            ("norm2", new GroupNorm(8, Width)),
            ("act2", new Tanh()),
            ("flatten", new Flatten()),
            ("head", new Linear(Width * side * side, spec.Classes, init)));
        return new ScatterNetwork(spec.Name, scattering, 1, spec.ScatteringAngles!.Value, classifier, "classifier", isFlat: false);
    }

    public override Tensor Features(Tensor images, ForwardContext context)
    {
        Tensor maps = _normalization.Forward(_scattering.Forward(images, context), context);
        return _flatten is null ? maps : _flatten.Forward(maps, context);
    }

    protected override Tensor ReferenceFeatures(Tensor images, ReferencePass pass)
    {
        Tensor maps = _normalization.Reference(_scattering.Reference(images, pass), pass);
        return _flatten is null ? maps : _flatten.Reference(maps, pass);
    }

    protected override OnnxSymbol ExportFeatures(OnnxGraphBuilder graph, OnnxSymbol images)
    {
        OnnxSymbol maps = _normalization.Export(graph, _scattering.Export(graph, images));
        return _flatten is null ? maps : _flatten.Export(graph, maps);
    }

    /// <summary>The transform that a description asks for.</summary>
    /// <param name="spec">With scales and directions.</param>
    /// <exception cref="UsageException">The images are too small, or a number is out of its range.</exception>
    internal static ScatteringTransform Transform(ModelSpec spec)
    {
        int scales = spec.ScatteringScales!.Value;
        int angles = spec.ScatteringAngles!.Value;
        if (scales is < 1 or > ScatteringTransform.MostScales || angles is < 1 or > ScatteringTransform.MostAngles || spec.ImageSize < 1 << scales)
        {
            throw new UsageException(
                $"{spec.Name} cannot have {scales} scales and {angles} directions on images of {spec.ImageSize} pixels; expected 1 to {ScatteringTransform.MostScales} scales, 1 to {ScatteringTransform.MostAngles} directions, and at least 2^scales pixels a side.",
                "Lower --scattering-scales, or raise --image-size.");
        }

        return new ScatteringTransform(spec.ImageSize, scales, angles);
    }
}
