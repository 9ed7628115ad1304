using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Maxima over square windows.</summary>
/// <param name="window">Side of the window, 1 to 15.</param>
/// <param name="stride">Step.</param>
/// <param name="padding">Minus infinities added on each side; at most half the window.</param>
public sealed class MaxPool2d(int window, int stride, int padding = 0) : Layer
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
            "MaxPool",
            [input.Name],
            [input.Shape[0], Side(input.Shape[1]), Side(input.Shape[2])],
            ("kernel_shape", new long[] { window, window }),
            ("strides", new long[] { stride, stride }),
            ("pads", new long[] { padding, padding, padding, padding }));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) =>
        WindowOperators.MaxPool(input, Window2d.Square(window, stride, padding));

    private long Side(long size) => ((size + (2 * padding) - window) / stride) + 1;

    private Tensor Pool(Tensor input) => input.MaxPool2d(Window2d.Square(window, stride, padding));
}
