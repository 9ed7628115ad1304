using Pellicle.Core.Errors;

namespace Pellicle.Formats.Onnx.Passes;

/// <summary>Infer shapes → fold constants → recognise GELU → remove dead code → one form of linear layers → fold scales and shifts → pool before Relu.</summary>
/// <remarks>What is left of a convolutional classifier is a chain of Conv, Gemm, pools, activations, Add and Flatten: what the compiler of encrypted prediction starts from.</remarks>
public static class OnnxSimplifier
{
    /// <summary>Simplifies a graph for one batch size.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">Images at once, at least 1.</param>
    /// <returns>The same function, up to rounding, for inputs of this batch size; shapes of its values by name.</returns>
    /// <exception cref="DataFormatException">The graph cannot run, or has free dimensions besides the batch.</exception>
    public static (OnnxModel Model, IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes) Run(OnnxModel model, int batch = 1)
    {
        IReadOnlyDictionary<string, IReadOnlyList<long>> shapes = OnnxShapeInference.Infer(model, batch);
        OnnxModel simple = OnnxDeadCode.Apply(OnnxGeluPattern.Apply(OnnxConstantFolding.Apply(model, shapes)));
        simple = OnnxLinearForm.Apply(simple, shapes);
        simple = OnnxAffineFolding.Apply(simple, shapes);
        simple = OnnxDeadCode.Apply(OnnxPoolBeforeRelu.Apply(simple));
        return (simple, OnnxShapeInference.Infer(simple, batch));
    }
}
