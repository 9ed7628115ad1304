using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Normalisation of channel groups within one image, then scale and shift per channel (Wu and He 2018). Images do not mix.</summary>
public sealed class GroupNorm : Layer
{
    private readonly int _groups;
    private readonly double _epsilon;

    /// <summary>Makes the layer with scale 1 and shift 0.</summary>
    /// <param name="groups">Groups, a divisor of the channels.</param>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <exception cref="ArgumentException">The groups do not divide the channels.</exception>
    public GroupNorm(int groups, int channels, double epsilon = 1e-5)
    {
        if (groups < 1 || channels % groups != 0)
        {
            throw new ArgumentException($"{channels} channels cannot be divided into {groups} groups.", nameof(groups));
        }

        _groups = groups;
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
        return NnOperators.GroupNorm.Call(input, _groups, pass.Of(Weight), pass.Of(Bias), _epsilon, false);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor dense = input.Contiguous();
        long n = dense.Size(0);
        long c = dense.Size(1);
        Tensor?[] results = NnOperators.NativeGroupNorm.CallMany(3, dense, Weight.Value, Bias.Value, n, c, dense.Count / n / c, _groups, _epsilon);
        return context.Record(this, results[0]!, o => new AffineRecord(this, o, Weight, Bias, [dense, results[1]!, results[2]!], PerImage));
    }

    private (Tensor Scale, Tensor Shift) PerImage(Tensor gradient, Tensor[] kept)
    {
        long n = gradient.Size(0);
        long c = gradient.Size(1);
        Tensor mean = kept[1].Reshape(n, _groups, 1);
        Tensor inverseDeviation = kept[2].Reshape(n, _groups, 1);
        Tensor normalised = ((kept[0].Reshape(n, _groups, -1) - mean) * inverseDeviation).Reshape(n, c, -1);
        Tensor g = gradient.Reshape(n, c, -1);
        return ((g * normalised).Sum(2), g.Sum(2));
    }
}
