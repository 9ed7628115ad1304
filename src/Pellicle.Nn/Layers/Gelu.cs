using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>x Φ(x) in the erf form (Hendrycks and Gimpel 2016).</summary>
public sealed class Gelu : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => AtenOperators.Gelu.Call(input);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => PellicleOperators.Gelu.Call(input);
}
