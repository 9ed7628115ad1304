using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Means over square windows.</summary>
/// <param name="window">Side of the window.</param>
/// <param name="stride">Step.</param>
public sealed unsafe class AveragePool2d(int window, int stride) : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => Pool(input);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        return graph.Add(
            Path,
            "AveragePool",
            [input.Name],
            [input.Shape[0], ((input.Shape[1] - window) / stride) + 1, ((input.Shape[2] - window) / stride) + 1],
            ("kernel_shape", new long[] { window, window }),
            ("strides", new long[] { stride, stride }));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => Pool(input);

    private Tensor Pool(Tensor input)
    {
        long* k = stackalloc long[2] { window, window };
        long* s = stackalloc long[2] { stride, stride };
        return NnOperators.AveragePool2d.Call(input, OpArgument.Integers(k, 2), OpArgument.Integers(s, 2));
    }
}
