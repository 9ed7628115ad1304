using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>The gradients of one recorded layer, unit by unit: first measured, then summed with a factor per unit.</summary>
/// <remarks>Joins the product part (weight, bias) and the parts given in full of one record.</remarks>
internal sealed class LayerContribution : IDisposable
{
    private readonly RowContribution? _rows;
    private readonly DirectContribution _direct;

    public LayerContribution(TapeRecord record, UnitLayout units, ClippingExecution execution)
    {
        Record = record;
        _rows = record.HasRows ? new RowContribution(record, units, execution) : null;
        _direct = new DirectContribution(record, units);
    }

    public TapeRecord Record { get; }

    /// <summary>Adds an upper bound of each unit's squared gradient norm in this layer; NaN or infinite if it is not finite.</summary>
    /// <param name="squaredNorms">U values, added to.</param>
    public void Measure(Span<double> squaredNorms)
    {
        _rows?.Measure(squaredNorms);
        _direct.Measure(squaredNorms);
    }

    /// <summary>Adds Σ_u c_u g_u to the sums, and releases the layer's tensors.</summary>
    /// <param name="factors">c, U values.</param>
    /// <param name="excluded">Units that contribute zero whatever their gradient holds; empty for none.</param>
    /// <param name="sums">Added to.</param>
    public void AddTo(ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded, GradientAccumulator sums)
    {
        using TensorScope scope = TensorScope.Open();
        _rows?.AddTo(factors, excluded, sums);
        _direct.AddTo(factors, excluded, sums);
        Dispose();
        Record.Release();
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _direct.Dispose();
    }
}
