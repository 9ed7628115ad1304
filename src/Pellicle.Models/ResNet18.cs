using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>ResNet-18 (He et al. 2016) in torchvision's geometry and names, with the normalisation given.</summary>
/// <remarks>The stem (7×7 stride 2, max-pool stride 2) is torchvision's at every image size; 64×64 images end at 2×2 positions.</remarks>
internal sealed class ResNet18 : FeatureNetwork
{
    /// <summary>Groups of the variants with group normalisation.</summary>
    public const int NormGroups = 32;

    private readonly Layer _conv1;
    private readonly Layer _norm1;
    private readonly Relu _relu = new();
    private readonly MaxPool2d _pool = new(3, 2, 1);
    private readonly Sequential[] _stages;
    private readonly GlobalAveragePool _average = new();
    private readonly Linear _head;

    public ResNet18(string kind, int channels, int classes, ResidualParts parts, ISeededRandom init)
    {
        Kind = kind;
        _conv1 = Add("conv1", parts.Convolution(channels, 64, 7, 2, init));
        _norm1 = Add("bn1", parts.Normalization(64));
        _stages = [Stage(1, 64, 64, 1, parts, init), Stage(2, 64, 128, 2, parts, init), Stage(3, 128, 256, 2, parts, init), Stage(4, 256, 512, 2, parts, init)];
        _head = Add("fc", new Linear(512, classes, init));
    }

    public override string Kind { get; }

    public override Layer Classifier => _head;

    public override Tensor Features(Tensor images, ForwardContext context)
    {
        Tensor h = _pool.Forward(_relu.Forward(_norm1.Forward(_conv1.Forward(images, context), context), context), context);
        foreach (Sequential stage in _stages)
        {
            h = stage.Forward(h, context);
        }

        return _average.Forward(h, context);
    }

    protected override Tensor ReferenceFeatures(Tensor images, ReferencePass pass)
    {
        Tensor h = _pool.Reference(_relu.Reference(_norm1.Reference(_conv1.Reference(images, pass), pass), pass), pass);
        foreach (Sequential stage in _stages)
        {
            h = stage.Reference(h, pass);
        }

        return _average.Reference(h, pass);
    }

    protected override OnnxSymbol ExportFeatures(OnnxGraphBuilder graph, OnnxSymbol images)
    {
        OnnxSymbol h = _pool.Export(graph, _relu.Export(graph, _norm1.Export(graph, _conv1.Export(graph, images))));
        return _average.Export(graph, _stages.Aggregate(h, (value, stage) => stage.Export(graph, value)));
    }

    private Sequential Stage(int number, int inputChannels, int outputChannels, int stride, ResidualParts parts, ISeededRandom init) =>
        Add(
            $"layer{number}",
            new Sequential(
                new BasicBlock(inputChannels, outputChannels, stride, parts, init),
                new BasicBlock(outputChannels, outputChannels, 1, parts, init)));
}
