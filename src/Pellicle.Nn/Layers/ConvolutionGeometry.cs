using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Window, stride, padding, dilation and groups of a two-dimensional convolution.</summary>
/// <param name="KernelHeight">Rows of the window.</param>
/// <param name="KernelWidth">Columns of the window.</param>
/// <param name="Stride">Step in both directions.</param>
/// <param name="Padding">Zeros added on each side.</param>
/// <param name="Dilation">Distance between the taps of the window.</param>
/// <param name="Groups">Channel groups that do not see each other.</param>
public sealed unsafe record ConvolutionGeometry(int KernelHeight, int KernelWidth, int Stride = 1, int Padding = 0, int Dilation = 1, int Groups = 1)
{
    /// <summary>Padding "same": the output has the extents of the input; <see cref="Padding"/> is not used. For stride 1.</summary>
    /// <remarks>Where the zeros needed are odd in number, the last row or column gets one more, as in torch.</remarks>
    public bool KeepsSize { get; init; }

    /// <summary>Zeros added above and below where they differ from <see cref="Padding"/>; null if they do not.</summary>
    public int? PaddingHeight { get; init; }

    /// <summary>The window as operators take it, after <see cref="Pad"/>.</summary>
    public Window2d Window => KeepsSize
        ? new(KernelHeight, KernelWidth, 1, 1, Needed(KernelHeight) / 2, Needed(KernelWidth) / 2, Dilation, Dilation)
        : new(KernelHeight, KernelWidth, Stride, Stride, PaddingHeight ?? Padding, Padding, Dilation, Dilation);

    /// <summary>Inputs that one output element sees.</summary>
    /// <param name="inputChannels">C.</param>
    /// <param name="outputChannels">K.</param>
    /// <exception cref="ArgumentException">Channels are no multiple of the groups, or "same" padding is asked for with a stride.</exception>
    public long FanIn(int inputChannels, int outputChannels)
    {
        if (inputChannels % Groups != 0 || outputChannels % Groups != 0)
        {
            throw new ArgumentException($"{inputChannels} input and {outputChannels} output channels are no multiples of {Groups} groups.", nameof(inputChannels));
        }

        if (KeepsSize && Stride != 1)
        {
            throw new ArgumentException($"Padding that keeps the size needs stride 1, not {Stride}.", nameof(inputChannels));
        }

        return (long)inputChannels / Groups * KernelHeight * KernelWidth;
    }

    /// <summary>Adds the zeros that cannot be the same on both sides; without such the input as it is.</summary>
    /// <param name="input">[N, C, H, W].</param>
    internal Tensor Pad(Tensor input)
    {
        int bottom = KeepsSize ? Needed(KernelHeight) % 2 : 0;
        int right = KeepsSize ? Needed(KernelWidth) % 2 : 0;
        if (bottom == 0 && right == 0)
        {
            return input;
        }

        long* margins = stackalloc long[4] { 0, right, 0, bottom };
        return NnOperators.PadConstant.Call(input, OpArgument.Integers(margins, 4), 0.0);
    }

    /// <summary>Writes the convolution as the operator Conv of ONNX.</summary>
    /// <param name="graph">The graph under construction.</param>
    /// <param name="path">Name of the layer.</param>
    /// <param name="operands">Names of input, weight and, if there is one, bias.</param>
    /// <param name="outputs">K.</param>
    /// <param name="input">Shape [C, H, W] of the input.</param>
    internal OnnxSymbol Export(OnnxGraphBuilder graph, string path, string[] operands, long outputs, IReadOnlyList<long> input)
    {
        Window2d window = Window;
        long bottom = window.PaddingHeight + (KeepsSize ? Needed(KernelHeight) % 2 : 0);
        long right = window.PaddingWidth + (KeepsSize ? Needed(KernelWidth) % 2 : 0);
        long height = ((input[1] + window.PaddingHeight + bottom - Needed(KernelHeight) - 1) / window.StrideHeight) + 1;
        long width = ((input[2] + window.PaddingWidth + right - Needed(KernelWidth) - 1) / window.StrideWidth) + 1;
        return graph.Add(
            path,
            "Conv",
            operands,
            [outputs, height, width],
            ("kernel_shape", new long[] { KernelHeight, KernelWidth }),
            ("strides", new[] { window.StrideHeight, window.StrideWidth }),
            ("pads", new[] { window.PaddingHeight, window.PaddingWidth, bottom, right }),
            ("dilations", new long[] { Dilation, Dilation }),
            ("group", (long)Groups));
    }

    /// <summary>Extents of the gradient computation.</summary>
    /// <param name="weight">[K, C/groups, ...].</param>
    /// <param name="output">[N, K, ...].</param>
    internal RecordShape ShapeOf(Parameter weight, Tensor output)
    {
        long outputs = weight.Shape[0];
        return new RecordShape(output.Count / output.Size(0) / outputs, weight.Count / outputs, outputs / Groups, Groups);
    }

    private int Needed(int kernel) => Dilation * (kernel - 1);
}
