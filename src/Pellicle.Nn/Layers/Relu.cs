using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>max(x, 0).</summary>
public sealed class Relu : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => AtenOperators.Relu.Call(input);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        return graph.Add(Path, "Relu", [input.Name], input.Shape);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => AtenOperators.Relu.Call(input);
}
