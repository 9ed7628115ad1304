using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>The gradients of one recorded layer, unit by unit: first measured, then summed with a factor per unit.</summary>
/// <remarks>Joins the product part (weight, bias) and the parts given in full of one record.</remarks>
internal sealed class LayerContribution : IDisposable
{
    private readonly WeightContribution? _weight;
    private readonly DirectContribution _direct;

    public LayerContribution(TapeRecord record, ImageGroups groups, ClippingExecution execution)
    {
        Record = record;
        _weight = record.Weight() is { } gradient ? new WeightContribution(record.Shape, gradient, groups, execution) : null;
        _direct = new DirectContribution(record, groups);
    }

    public TapeRecord Record { get; }

    /// <summary>Adds an upper bound of each unit's squared gradient norm in this layer; NaN or infinite if it is not finite.</summary>
    /// <param name="squaredNorms">U values, added to.</param>
    public void Measure(Span<double> squaredNorms)
    {
        _weight?.Measure(squaredNorms);
        _direct.Measure(squaredNorms);
        if (_weight is null or { IsKept: true })
        {
            // The gradients of all units are formed: the rows that they came from are not needed for the sum.
            Record.Release();
        }
    }

    /// <summary>Adds Σ_u c_u g_u to the sums, and releases the layer's tensors.</summary>
    /// <param name="factors">c, U values; 0 for excluded units.</param>
    /// <param name="excluded">Units that contribute zero whatever their gradient holds; empty for none.</param>
    /// <param name="sums">Added to.</param>
    public void AddTo(ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded, GradientAccumulator sums)
    {
        using TensorScope scope = TensorScope.Open();
        _weight?.AddTo(factors, excluded, sums);
        _direct.AddTo(factors, excluded, sums);
        Dispose();
        Record.Release();
    }

    public void Dispose()
    {
        _weight?.Dispose();
        _direct.Dispose();
    }
}
