using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>[N, ...] → [N, product of the rest].</summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => Compute(input, pass?.Context!);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => input.Reshape(input.Size(0), -1);
}
