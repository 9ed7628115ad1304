using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>max(x, 0) + a min(x, 0) with a learned slope, one a channel or one in all (He et al. 2015): [N, C, ...].</summary>
public sealed class PRelu : Layer
{
    /// <summary>Makes the layer with torch's initial slope.</summary>
    /// <param name="slopes">1, or the number of channels C.</param>
    /// <param name="slope">Initial value.</param>
    public PRelu(int slopes = 1, float slope = 0.25f) => Weight = AddParameter("weight", Initialization.Constant(slope, slopes));

    /// <summary>Slope a [1] or [C].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return NnOperators.PRelu.Call(input, pass.Of(Weight));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor output = NnOperators.PRelu.Call(input, Weight.Value);
        return context.Record(this, output, o => new ScaleRecord(this, o, Weight, input.Clamp(maximum: 0), 1));
    }
}
