using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Hyperbolic tangent; bounded activations help private training (Papernot et al. 2021).</summary>
public sealed class Tanh : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => NnOperators.Tanh.Call(input);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        return graph.Add(Path, "Tanh", [input.Name], input.Shape);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => NnOperators.Tanh.Call(input);
}
