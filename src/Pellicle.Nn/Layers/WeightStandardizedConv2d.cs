using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Two-dimensional convolution by standardised weights: each output channel's weights with mean 0 and variance 1 (Qiao et al. 2019).</summary>
/// <remarks>ŵ = (w − mean w) / √(var w + 1e-6) over the n weights of an output channel, with the biased variance, as timm's StdConv2d has it.
/// With group normalisation after it, it is what De et al. 2022 train privately. Trained are the weights before standardisation.</remarks>
public sealed class WeightStandardizedConv2d : Layer
{
    private const double Epsilon = 1e-6;

    /// <summary>Makes the layer with torch's default initial values of a convolution.</summary>
    /// <param name="inputChannels">C, a multiple of the groups.</param>
    /// <param name="outputChannels">K, a multiple of the groups.</param>
    /// <param name="geometry">Window, stride, padding, dilation, groups.</param>
    /// <param name="init">Source of initial values.</param>
    /// <param name="bias">False leaves the bias out.</param>
    public WeightStandardizedConv2d(int inputChannels, int outputChannels, ConvolutionGeometry geometry, ISeededRandom init, bool bias = true)
        : this(
            geometry,
            Initialization.TorchUniform(init, geometry.FanIn(inputChannels, outputChannels), outputChannels, inputChannels / geometry.Groups, geometry.KernelHeight, geometry.KernelWidth),
            bias ? Initialization.TorchUniform(init, geometry.FanIn(inputChannels, outputChannels), outputChannels) : null)
    {
    }

    /// <summary>Makes the layer with given values.</summary>
    /// <param name="geometry">Window, stride, padding, dilation, groups.</param>
    /// <param name="weight">[K, C/groups, kh, kw], before standardisation.</param>
    /// <param name="bias">[K], or null.</param>
    public WeightStandardizedConv2d(ConvolutionGeometry geometry, Tensor weight, Tensor? bias)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        Geometry = geometry;
        Weight = AddParameter("weight", weight);
        Bias = bias is null ? null : AddParameter("bias", bias);
    }

    /// <summary>Window, stride, padding, dilation, groups.</summary>
    public ConvolutionGeometry Geometry { get; }

    /// <summary>w [K, C/groups, kh, kw], before standardisation.</summary>
    public Parameter Weight { get; }

    /// <summary>[K], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>ŵ [K, C/groups, kh, kw], as the convolution uses it; in the caller's scope.</summary>
    public Tensor EffectiveWeight() => Standardize(Weight.Value).Effective;

    /// <inheritdoc/>
    public override bool Supports(ProductPrecision precision) => precision == ProductPrecision.Float32;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        Tensor effective = Standardize(pass.Of(Weight)).Effective;
        return Geometry.Pad(input).Conv2d(effective, Bias is null ? null : pass.Of(Bias), Geometry.Window, Geometry.Groups);
    }

    /// <inheritdoc/>
    /// <remarks>The standardised weights are written: at inference they are constants.</remarks>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        using TensorScope scope = TensorScope.Open();
        string weight = graph.Constant(Weight.Name, OnnxTensor.Of(EffectiveWeight().ToArray<float>(), [.. Weight.Shape]));
        string[] operands = [input.Name, weight, .. Bias is null ? (string[])[] : [Constant(graph, Bias)]];
        return Geometry.Export(graph, Path, operands, Weight.Shape[0], input.Shape);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        (Tensor effective, Tensor inverseDeviation) = Standardize(Weight.Value);
        Tensor padded = Geometry.Pad(input);
        Tensor output = WindowOperators.Conv2d(padded, effective, Bias?.Value, Geometry.Window, Geometry.Groups);
        return context.Record(this, output, o => new ProductRecord(
            this, o, Weight, Bias, padded, Geometry.ShapeOf(Weight, o) with { PerSampleOnly = true },
            (gradient, bias, inputs, kept) => new StandardizedWeightGradient(
                new ConvolutionWeightGradient(Weight, bias, Geometry, inputs, gradient), kept[0], kept[1]),
            effective, inverseDeviation));
    }

    private static (Tensor Effective, Tensor InverseDeviation) Standardize(Tensor weight)
    {
        long outputs = weight.Size(0);
        Tensor rows = weight.Reshape(outputs, -1);
        Tensor centred = rows - rows.Mean(1, true);
        Tensor inverseDeviation = (centred.Square().Mean(1, true) + Epsilon).Sqrt().Reciprocal();
        return ((centred * inverseDeviation).Reshape(weight.Shape), inverseDeviation);
    }
}
