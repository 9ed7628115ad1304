using Pellicle.Core.Random;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>One-dimensional convolution with stride, padding, dilation and groups: [N, C, L] → [N, K, L'].</summary>
/// <remarks>Computed as a two-dimensional one of height 1, with the same kernels and the same choice of norms.</remarks>
public sealed class Conv1d : Layer
{
    private readonly ConvolutionGeometry _geometry;

    /// <summary>Makes the layer with torch's default initial values.</summary>
    /// <param name="inputChannels">C, a multiple of the groups.</param>
    /// <param name="outputChannels">K, a multiple of the groups.</param>
    /// <param name="kernel">Extent of the window.</param>
    /// <param name="init">Source of initial values.</param>
    /// <param name="stride">Step.</param>
    /// <param name="padding">Zeros added on each side.</param>
    /// <param name="dilation">Distance between the taps of the window.</param>
    /// <param name="groups">Channel groups that do not see each other.</param>
    /// <param name="bias">False leaves the bias out.</param>
    /// <param name="keepsSize">Padding "same", for stride 1, in place of <paramref name="padding"/>.</param>
    /// <exception cref="ArgumentException">Channels are no multiple of the groups, or a stride with "same" padding.</exception>
    public Conv1d(int inputChannels, int outputChannels, int kernel, ISeededRandom init, int stride = 1, int padding = 0, int dilation = 1, int groups = 1, bool bias = true, bool keepsSize = false)
    {
        _geometry = new ConvolutionGeometry(1, kernel, stride, padding, dilation, groups) { KeepsSize = keepsSize, PaddingHeight = 0 };
        long fanIn = _geometry.FanIn(inputChannels, outputChannels);
        Weight = AddParameter("weight", Initialization.TorchUniform(init, fanIn, outputChannels, inputChannels / groups, kernel));
        Bias = bias ? AddParameter("bias", Initialization.TorchUniform(init, fanIn, outputChannels)) : null;
    }

    /// <summary>[K, C/groups, k].</summary>
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
        return _geometry.Pad(input.Unsqueeze(2)).Conv2d(pass.Of(Weight).Unsqueeze(2), Bias is null ? null : pass.Of(Bias), _geometry.Window, _geometry.Groups).Squeeze(2);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor padded = _geometry.Pad(input.Unsqueeze(2));
        Tensor output = WindowOperators.Conv2d(padded, Weight.Value.Unsqueeze(2), Bias?.Value, _geometry.Window, _geometry.Groups).Squeeze(2);
        return context.Record(this, output, o => new ProductRecord(
            this, o, Weight, Bias, padded, _geometry.ShapeOf(Weight, o),
            (gradient, bias, inputs, _) => new ConvolutionWeightGradient(Weight, bias, _geometry, inputs, gradient.Unsqueeze(2))));
    }
}
