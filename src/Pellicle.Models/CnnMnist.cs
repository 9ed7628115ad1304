using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>The two-convolution digit network of the DP-SGD tutorials (Papernot et al. 2019; example of pytorch/opacus): 26,010 parameters for 28×28 and 10 classes.</summary>
internal sealed class CnnMnist : Layer
{
    private readonly Conv2d _conv1;
    private readonly Conv2d _conv2;
    private readonly Linear _fc1;
    private readonly Linear _fc2;
    private readonly Relu _relu = new();
    private readonly MaxPool2d _pool = new(2, 1);
    private readonly Flatten _flatten = new();

    public CnnMnist(int imageSize, int channels, int classes, ISeededRandom init)
    {
        int side = ((((imageSize + 6 - 8) / 2) + 1 - 1 - 4) / 2) + 1 - 1;
        if (side < 1)
        {
            throw new UsageException($"--image-size is {imageSize}; cnn_mnist needs at least 12 pixels a side.", "Use 28, the size of MNIST.");
        }

        _conv1 = Add("conv1", new Conv2d(channels, 16, new ConvolutionGeometry(8, 8, 2, 3), init));
        _conv2 = Add("conv2", new Conv2d(16, 32, new ConvolutionGeometry(4, 4, 2), init));
        _fc1 = Add("fc1", new Linear(32 * side * side, 32, init));
        _fc2 = Add("fc2", new Linear(32, classes, init));
    }

    public override string Kind => "cnn_mnist";

    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        Tensor h = _pool.Reference(_relu.Reference(_conv1.Reference(input, pass), pass), pass);
        h = _pool.Reference(_relu.Reference(_conv2.Reference(h, pass), pass), pass);
        return _fc2.Reference(_relu.Reference(_fc1.Reference(_flatten.Reference(h, pass), pass), pass), pass);
    }

    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        OnnxSymbol h = _pool.Export(graph, _relu.Export(graph, _conv1.Export(graph, input)));
        h = _pool.Export(graph, _relu.Export(graph, _conv2.Export(graph, h)));
        return _fc2.Export(graph, _relu.Export(graph, _fc1.Export(graph, _flatten.Export(graph, h))));
    }

    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor h = _pool.Forward(_relu.Forward(_conv1.Forward(input, context), context), context);
        h = _pool.Forward(_relu.Forward(_conv2.Forward(h, context), context), context);
        return _fc2.Forward(_relu.Forward(_fc1.Forward(_flatten.Forward(h, context), context), context), context);
    }
}
