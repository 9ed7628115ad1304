using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>x + f(x), as in the pre-norm blocks of transformers.</summary>
public sealed class Residual : Layer
{
    private readonly Layer _branch;

    /// <summary>Makes the layer.</summary>
    /// <param name="branch">f, with output shape as its input.</param>
    public Residual(Layer branch) => _branch = Add("branch", branch);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => input + _branch.Reference(input, pass);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input) => Sum(graph, input, _branch.Export(graph, input));

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => input + _branch.Forward(input, context);
}
