using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A learned factor for every element of the last dimension, at the end of a residual branch (Touvron et al. 2021); the name as in timm: gamma.</summary>
public sealed class LayerScale : Layer
{
    /// <summary>Makes the layer.</summary>
    /// <param name="width">Extent of the last dimension.</param>
    /// <param name="initial">Initial value of all factors.</param>
    public LayerScale(int width, float initial = 1e-5f) => Weight = AddParameter("gamma", Initialization.Constant(initial, width));

    /// <summary>γ [d].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return input * pass.Of(Weight);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) =>
        context.Record(this, input * Weight.Value, o => new ScaleRecord(this, o, Weight, input, -1));
}
