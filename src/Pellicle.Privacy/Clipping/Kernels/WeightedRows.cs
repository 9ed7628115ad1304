using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping.Kernels;

/// <summary>Σ_u c_u x_u over per-unit gradients, accumulated in double.</summary>
internal static class WeightedRows
{
    /// <summary>The sum.</summary>
    /// <param name="perUnit">[U, ...], float32.</param>
    /// <param name="factors">c, U values.</param>
    /// <param name="excluded">Units to leave out even if they hold NaN; empty for none.</param>
    /// <returns>The shape of one unit's gradient.</returns>
    public static Tensor Sum(Tensor perUnit, ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded)
    {
        Tensor rows = perUnit;
        if (excluded.Contains(true))
        {
            rows = perUnit.Clone();
            for (int u = 0; u < excluded.Length; u++)
            {
                if (excluded[u])
                {
                    AtenOperators.ZeroInPlace.Apply(rows.Narrow(0, u, 1));
                }
            }
        }

        return PellicleOperators.WeightedSum.Call(rows, Tensor.From(factors, factors.Length));
    }
}
