using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping.Kernels;

/// <summary>Σ_u c_u x_u over the rows of a matrix of per-unit gradients.</summary>
internal static class WeightedRows
{
    /// <summary>The sum.</summary>
    /// <param name="perUnit">[U, P], float32.</param>
    /// <param name="factors">c, U values.</param>
    /// <param name="excluded">Rows to leave out even if they hold NaN; empty for none.</param>
    /// <returns>[P].</returns>
    public static Tensor Sum(Tensor perUnit, ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded)
    {
        Tensor rows = perUnit;
        if (excluded.Contains(true))
        {
            rows = perUnit.Contiguous().Clone();
            Span<float> values = rows.Data<float>();
            int width = values.Length / factors.Length;
            for (int u = 0; u < factors.Length; u++)
            {
                if (excluded[u])
                {
                    values.Slice(u * width, width).Clear();
                }
            }
        }

        float[] weights = new float[factors.Length];
        for (int u = 0; u < weights.Length; u++)
        {
            weights[u] = (float)factors[u];
        }

        return AtenOperators.MatrixProduct.Call(Tensor.From<float>(weights, 1, weights.Length), rows).Reshape(-1);
    }
}
