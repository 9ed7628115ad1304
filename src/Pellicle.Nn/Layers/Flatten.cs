using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>[N, ...] → [N, product of the rest].</summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => Compute(input, pass?.Context!);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        return graph.Add(Path, "Flatten", [input.Name], [input.Shape.Aggregate(1L, (x, y) => x * y)], ("axis", 1L));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => input.Reshape(input.Size(0), -1);
}
