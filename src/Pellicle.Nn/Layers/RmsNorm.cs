using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>The last dimension divided by its root mean square, then scaled (Zhang and Sennrich 2019).</summary>
public sealed class RmsNorm : Layer
{
    private readonly double _epsilon;

    /// <summary>Makes the layer with scale 1.</summary>
    /// <param name="width">Extent of the last dimension.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public RmsNorm(int width, double epsilon = 1e-6)
    {
        _epsilon = epsilon;
        Weight = AddParameter("weight", Initialization.Constant(1, width));
    }

    /// <summary>Scale γ [d].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(input);
        return input / ((input * input).Mean(-1, true) + _epsilon).Sqrt() * pass.Of(Weight);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor normalised = input * NnOperators.ReciprocalSqrt.Call(input.Square().Mean(-1, true) + _epsilon);
        return context.Record(this, normalised * Weight.Value, o => new ScaleRecord(this, o, Weight, normalised, -1));
    }
}
