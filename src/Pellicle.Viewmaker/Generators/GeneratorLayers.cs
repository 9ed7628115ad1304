using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Runs a layer: by the fast kernels, or by ordinary operators on copies of the parameters that are differentiated.</summary>
/// <param name="layer">A layer of the network.</param>
/// <param name="input">Its input.</param>
internal delegate Tensor LayerCall(Layer layer, Tensor input);

/// <summary>Reflection padding of ⌊k/2⌋, then a convolution with bias; its weights are named "conv2d", as in the reference.</summary>
internal sealed class ReflectedConv : Layer
{
    private readonly Conv2d _conv;
    private readonly int _padding;

    public ReflectedConv(int inputChannels, int outputChannels, int kernel, int stride, ISeededRandom init)
    {
        _conv = Add("conv2d", new Conv2d(inputChannels, outputChannels, new ConvolutionGeometry(kernel, kernel, stride), init));
        _padding = kernel / 2;
    }

    public Conv2d Convolution => _conv;

    public override Tensor Reference(Tensor input, ReferencePass pass) => _conv.Reference(Pad(input), pass);

    protected override Tensor Compute(Tensor input, ForwardContext context) => _conv.Forward(Pad(input), context);

    private Tensor Pad(Tensor input) => _padding == 0 ? input : ImageOperators.PadReflected(input, _padding, _padding, _padding, _padding);
}

/// <summary>in2(conv2(ReLU(in1(conv1(y))))) + y, both convolutions 3x3.</summary>
internal sealed class ResidualBlock : Layer
{
    private readonly ReflectedConv _first, _second;
    private readonly InstanceNorm _norm1, _norm2;

    public ResidualBlock(int channels, ISeededRandom init)
    {
        _first = Add("conv1", new ReflectedConv(channels, channels, 3, 1, init));
        _norm1 = Add("in1", new InstanceNorm(channels));
        _second = Add("conv2", new ReflectedConv(channels, channels, 3, 1, init));
        _norm2 = Add("in2", new InstanceNorm(channels));
    }

    public override Tensor Reference(Tensor input, ReferencePass pass) => Run(input, (layer, x) => layer.Reference(x, pass));

    protected override Tensor Compute(Tensor input, ForwardContext context) => Run(input, (layer, x) => layer.Forward(x, context));

    private Tensor Run(Tensor y, LayerCall call) => call(_norm2, call(_second, call(_norm1, call(_first, y)).Relu())) + y;
}
