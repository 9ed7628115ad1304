using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Normalisation of every channel within one image, then scale and shift per channel (Ulyanov et al. 2016): [N, C, ...]. Images do not mix.</summary>
/// <remarks>Group normalisation with as many groups as channels; no running statistics.</remarks>
public sealed class InstanceNorm : Layer
{
    private readonly double _epsilon;

    /// <summary>Makes the layer with scale 1 and shift 0.</summary>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public InstanceNorm(int channels, double epsilon = 1e-5)
    {
        _epsilon = epsilon;
        Weight = AddParameter("weight", Initialization.Constant(1, channels));
        Bias = AddParameter("bias", Initialization.Constant(0, channels));
    }

    /// <summary>Scale γ [C].</summary>
    public Parameter Weight { get; }

    /// <summary>Shift β [C].</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return NnOperators.InstanceNorm.Call(input, pass.Of(Weight), pass.Of(Bias), OpArgument.None, OpArgument.None, true, 0.0, _epsilon, false);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor planes = GroupNorm.AsPlanes(input);
        Tensor?[] results = PellicleOperators.GroupNorm.CallMany(2, planes, Weight.Value, Bias.Value, Weight.Count, _epsilon);
        return context.Record(this, results[0]!.Reshape(input.Shape), o => new AffineRecord(this, o, Weight, Bias, GroupNorm.PerGroup, planes, results[1]!));
    }
}
