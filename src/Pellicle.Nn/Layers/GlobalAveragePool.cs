using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Mean over all positions: [N, C, H, W] → [N, C].</summary>
public sealed unsafe class GlobalAveragePool : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => Mean(input);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        OnnxSymbol means = graph.Add(Path, "GlobalAveragePool", [input.Name], [input.Shape[0], 1, 1]);
        return graph.Add(Path, "Flatten", [means.Name], [input.Shape[0]], ("axis", 1L));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => Mean(input);

    private static Tensor Mean(Tensor input)
    {
        long* dimensions = stackalloc long[2] { 2, 3 };
        return NnOperators.MeanDimensions.Call(input, OpArgument.Integers(dimensions, 2), false);
    }
}
