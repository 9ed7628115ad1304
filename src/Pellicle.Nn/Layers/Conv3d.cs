using Pellicle.Core.Random;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Three-dimensional convolution with stride, padding, dilation and groups: [N, C, D, H, W] → [N, K, D', H', W'].</summary>
public sealed class Conv3d : Layer
{
    private readonly VolumeGeometry _geometry;

    /// <summary>Makes the layer with torch's default initial values.</summary>
    /// <param name="inputChannels">C, a multiple of the groups.</param>
    /// <param name="outputChannels">K, a multiple of the groups.</param>
    /// <param name="geometry">Window, stride, padding, dilation, groups.</param>
    /// <param name="init">Source of initial values.</param>
    /// <param name="bias">False leaves the bias out.</param>
    /// <exception cref="ArgumentException">Channels are no multiple of the groups, or a stride with "same" padding.</exception>
    public Conv3d(int inputChannels, int outputChannels, VolumeGeometry geometry, ISeededRandom init, bool bias = true)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        if (inputChannels % geometry.Groups != 0 || outputChannels % geometry.Groups != 0)
        {
            throw new ArgumentException($"{inputChannels} input and {outputChannels} output channels are no multiples of {geometry.Groups} groups.", nameof(geometry));
        }

        if (geometry.KeepsSize && geometry.Stride != 1)
        {
            throw new ArgumentException($"Padding that keeps the size needs stride 1, not {geometry.Stride}.", nameof(geometry));
        }

        _geometry = geometry;
        long channels = inputChannels / geometry.Groups;
        long fanIn = channels * geometry.Taps;
        Weight = AddParameter("weight", Initialization.TorchUniform(init, fanIn, outputChannels, channels, geometry.KernelDepth, geometry.KernelHeight, geometry.KernelWidth));
        Bias = bias ? AddParameter("bias", Initialization.TorchUniform(init, fanIn, outputChannels)) : null;
    }

    /// <summary>[K, C/groups, kd, kh, kw].</summary>
    public Parameter Weight { get; }

    /// <summary>[K], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override bool Supports(ProductPrecision precision) => precision == ProductPrecision.Float32;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return _geometry.Convolve(_geometry.Pad(input), pass.Of(Weight), Bias is null ? null : pass.Of(Bias));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor padded = _geometry.Pad(input);
        Tensor output = _geometry.Convolve(padded, Weight.Value, Bias?.Value);
        long outputs = Weight.Shape[0];
        return context.Record(this, output, o => new ProductRecord(
            this, o, Weight, Bias, padded,
            new RecordShape(o.Count / o.Size(0) / outputs, Weight.Count / outputs, outputs / _geometry.Groups, _geometry.Groups),
            (gradient, bias, inputs, _) => new VolumeWeightGradient(Weight, bias, _geometry, inputs, gradient)));
    }
}
