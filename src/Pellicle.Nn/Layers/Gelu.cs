using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>x Φ(x) in the erf form (Hendrycks and Gimpel 2016).</summary>
public sealed class Gelu : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => AtenOperators.Gelu.Call(input);

    /// <inheritdoc/>
    /// <remarks>Spelled out as x/2 · (1 + erf(x/√2)): the operator Gelu came with opset 20.</remarks>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        OnnxSymbol h = graph.Add(Path, "Div", [input.Name, graph.Scalar(Math.Sqrt(2))], input.Shape);
        h = graph.Add(Path, "Erf", [h.Name], input.Shape);
        h = graph.Add(Path, "Add", [h.Name, graph.Scalar(1)], input.Shape);
        h = graph.Add(Path, "Mul", [input.Name, h.Name], input.Shape);
        return graph.Add(Path, "Mul", [h.Name, graph.Scalar(0.5)], input.Shape);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => PellicleOperators.Gelu.Call(input);
}
