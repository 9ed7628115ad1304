using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>max(x, 0).</summary>
public sealed class Relu : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => AtenOperators.Relu.Call(input);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => AtenOperators.Relu.Call(input);
}
