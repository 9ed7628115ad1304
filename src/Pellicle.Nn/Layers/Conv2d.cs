using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Two-dimensional convolution with stride, padding, dilation and groups.</summary>
public sealed class Conv2d : Layer
{
    /// <summary>Makes the layer with torch's default initial values.</summary>
    /// <param name="inputChannels">C, a multiple of the groups.</param>
    /// <param name="outputChannels">K, a multiple of the groups.</param>
    /// <param name="geometry">Window, stride, padding, dilation, groups.</param>
    /// <param name="init">Source of initial values.</param>
    /// <param name="bias">False leaves the bias out.</param>
    /// <exception cref="ArgumentException">Channels are no multiple of the groups.</exception>
    public Conv2d(int inputChannels, int outputChannels, ConvolutionGeometry geometry, ISeededRandom init, bool bias = true)
        : this(
            geometry,
            Initialization.TorchUniform(init, geometry.FanIn(inputChannels, outputChannels), outputChannels, inputChannels / geometry.Groups, geometry.KernelHeight, geometry.KernelWidth),
            bias ? Initialization.TorchUniform(init, geometry.FanIn(inputChannels, outputChannels), outputChannels) : null)
    {
    }

    /// <summary>Makes the layer with given values.</summary>
    /// <param name="geometry">Window, stride, padding, dilation, groups.</param>
    /// <param name="weight">[K, C/groups, kh, kw].</param>
    /// <param name="bias">[K], or null.</param>
    public Conv2d(ConvolutionGeometry geometry, Tensor weight, Tensor? bias)
    {
        Geometry = geometry;
        Weight = AddParameter("weight", weight);
        Bias = bias is null ? null : AddParameter("bias", bias);
    }

    /// <summary>Window, stride, padding, dilation, groups.</summary>
    public ConvolutionGeometry Geometry { get; }

    /// <summary>[K, C/groups, kh, kw].</summary>
    public Parameter Weight { get; }

    /// <summary>[K], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override bool Supports(ProductPrecision precision) => precision == ProductPrecision.Float32;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(input);
        return Geometry.Pad(input).Conv2d(pass.Of(Weight), Bias is null ? null : pass.Of(Bias), Geometry.Window, Geometry.Groups);
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        string[] operands = [input.Name, Constant(graph, Weight), .. Bias is null ? (string[])[] : [Constant(graph, Bias)]];
        return Geometry.Export(graph, Path, operands, Weight.Shape[0], input.Shape);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor padded = Geometry.Pad(input);
        Tensor output = WindowOperators.Conv2d(padded, Weight.Value, Bias?.Value, Geometry.Window, Geometry.Groups);
        return context.Record(this, output, o => new ConvolutionRecord(this, o, padded));
    }
}
