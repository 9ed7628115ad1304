using Pellicle.Core.Random;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Transposed two-dimensional convolution, as in decoders: [N, C, H, W] → [N, K, H', W'] with H' = (H − 1) stride − 2 padding + dilation (kh − 1) + output padding + 1.</summary>
/// <remarks>It is the derivative of a convolution from K to C channels, so its weight gradient is that convolution's with input and output
/// gradient exchanged: rows are the windows of the output gradient, and the input.</remarks>
public sealed unsafe class ConvTranspose2d : Layer
{
    private readonly ConvolutionGeometry _geometry;
    private readonly int _outputPadding;

    /// <summary>Makes the layer with torch's default initial values.</summary>
    /// <param name="inputChannels">C, a multiple of the groups.</param>
    /// <param name="outputChannels">K, a multiple of the groups.</param>
    /// <param name="geometry">Window, stride, padding, dilation, groups; not "same" padding.</param>
    /// <param name="init">Source of initial values.</param>
    /// <param name="outputPadding">Rows and columns added below and right, 0 to stride − 1.</param>
    /// <param name="bias">False leaves the bias out.</param>
    /// <exception cref="ArgumentException">Channels are no multiple of the groups, or "same" padding.</exception>
    public ConvTranspose2d(int inputChannels, int outputChannels, ConvolutionGeometry geometry, ISeededRandom init, int outputPadding = 0, bool bias = true)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentOutOfRangeException.ThrowIfNegative(outputPadding);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(outputPadding, geometry.Stride);
        if (geometry.KeepsSize)
        {
            throw new ArgumentException("A transposed convolution has no padding that keeps the size.", nameof(geometry));
        }

        _geometry = geometry;
        _outputPadding = outputPadding;

        // torch counts the fan of the second dimension, K/groups.
        long fan = geometry.FanIn(outputChannels, inputChannels);
        Weight = AddParameter("weight", Initialization.TorchUniform(init, fan, inputChannels, outputChannels / geometry.Groups, geometry.KernelHeight, geometry.KernelWidth));
        Bias = bias ? AddParameter("bias", Initialization.TorchUniform(init, fan, outputChannels)) : null;
    }

    /// <summary>[C, K/groups, kh, kw].</summary>
    public Parameter Weight { get; }

    /// <summary>[K], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override bool Supports(ProductPrecision precision) => precision == ProductPrecision.Float32;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return Transposed(input, pass.Of(Weight), Bias is null ? null : pass.Of(Bias));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor output = Transposed(input, Weight.Value, Bias?.Value);
        long inputs = Weight.Shape[0];
        var shape = new RecordShape(input.Count / input.Size(0) / inputs, Weight.Count / inputs, inputs / _geometry.Groups, _geometry.Groups);
        return context.Record(this, output, o => new ProductRecord(
            this, o, Weight, Bias, input, shape,
            (gradient, _, kept, _) => new ConvolutionWeightGradient(Weight, null, _geometry, gradient, kept))
        {
            HasSeparateBias = true,
        });
    }

    private Tensor Transposed(Tensor input, Tensor weight, Tensor? bias)
    {
        Window2d window = _geometry.Window;
        long* stride = stackalloc long[2] { window.StrideHeight, window.StrideWidth };
        long* padding = stackalloc long[2] { window.PaddingHeight, window.PaddingWidth };
        long* extra = stackalloc long[2] { _outputPadding, _outputPadding };
        long* dilation = stackalloc long[2] { window.DilationHeight, window.DilationWidth };
        return NnOperators.ConvTranspose2d.Call(
            input, weight, bias, OpArgument.Integers(stride, 2), OpArgument.Integers(padding, 2), OpArgument.Integers(extra, 2), _geometry.Groups, OpArgument.Integers(dilation, 2));
    }
}
