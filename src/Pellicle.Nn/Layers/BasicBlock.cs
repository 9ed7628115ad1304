using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>The two-convolution block of ResNet-18 and -34 (He et al. 2016), with torchvision's names.</summary>
public sealed class BasicBlock : Layer
{
    private readonly Layer _conv1;
    private readonly Layer _norm1;
    private readonly Layer _conv2;
    private readonly Layer _norm2;
    private readonly Sequential? _downsample;
    private readonly Relu _relu = new();

    /// <summary>Makes the block with group normalisation.</summary>
    /// <param name="inputChannels">Channels in.</param>
    /// <param name="outputChannels">Channels out.</param>
    /// <param name="stride">Of the first convolution.</param>
    /// <param name="normGroups">Groups of the normalisation, a divisor of the output channels.</param>
    /// <param name="init">Source of initial values.</param>
    public BasicBlock(int inputChannels, int outputChannels, int stride, int normGroups, ISeededRandom init)
        : this(inputChannels, outputChannels, stride, ResidualParts.GroupNorm(normGroups), init)
    {
    }

    /// <summary>Makes the block; a 1×1 convolution adapts the shortcut where shape changes.</summary>
    /// <param name="inputChannels">Channels in.</param>
    /// <param name="outputChannels">Channels out.</param>
    /// <param name="stride">Of the first convolution.</param>
    /// <param name="parts">Kinds of convolution and normalisation.</param>
    /// <param name="init">Source of initial values.</param>
    public BasicBlock(int inputChannels, int outputChannels, int stride, ResidualParts parts, ISeededRandom init)
    {
        ArgumentNullException.ThrowIfNull(parts);
        _conv1 = Add("conv1", parts.Convolution(inputChannels, outputChannels, 3, stride, init));
        _norm1 = Add("bn1", parts.Normalization(outputChannels));
        _conv2 = Add("conv2", parts.Convolution(outputChannels, outputChannels, 3, 1, init));
        _norm2 = Add("bn2", parts.Normalization(outputChannels));
        if (stride != 1 || inputChannels != outputChannels)
        {
            _downsample = Add("downsample", new Sequential(parts.Convolution(inputChannels, outputChannels, 1, stride, init), parts.Normalization(outputChannels)));
        }
    }

    /// <summary>A convolution without bias, padded to keep the size at stride 1, with He et al.'s initial values.</summary>
    /// <param name="inputChannels">Channels in.</param>
    /// <param name="outputChannels">Channels out.</param>
    /// <param name="kernel">Odd side of the window.</param>
    /// <param name="stride">Step.</param>
    /// <param name="init">Source of initial values.</param>
    public static Conv2d Convolution(int inputChannels, int outputChannels, int kernel, int stride, ISeededRandom init) =>
        new(
            new ConvolutionGeometry(kernel, kernel, stride, kernel / 2),
            Initialization.KaimingNormal(init, (long)outputChannels * kernel * kernel, outputChannels, inputChannels, kernel, kernel),
            null);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        Tensor h = _relu.Reference(_norm1.Reference(_conv1.Reference(input, pass), pass), pass);
        h = _norm2.Reference(_conv2.Reference(h, pass), pass);
        return _relu.Reference(h + (_downsample?.Reference(input, pass) ?? input), pass);
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        OnnxSymbol h = _relu.Export(graph, _norm1.Export(graph, _conv1.Export(graph, input)));
        h = _norm2.Export(graph, _conv2.Export(graph, h));
        return _relu.Export(graph, Sum(graph, h, _downsample?.Export(graph, input) ?? input));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor h = _relu.Forward(_norm1.Forward(_conv1.Forward(input, context), context), context);
        h = _norm2.Forward(_conv2.Forward(h, context), context);
        return _relu.Forward(h + (_downsample?.Forward(input, context) ?? input), context);
    }
}
