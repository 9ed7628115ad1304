using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Mean squared differences between all rows of two matrices.</summary>
internal static class RowDistances
{
    /// <summary>Measures them.</summary>
    /// <param name="left">[n, d], or more dimensions that are flattened.</param>
    /// <param name="right">[m, d].</param>
    /// <returns>[n, m], at least 0.</returns>
    public static double[,] Of(Tensor left, Tensor right)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        int n = (int)left.Size(0);
        int m = (int)right.Size(0);
        Tensor a = left.Reshape(n, -1);
        Tensor b = right.Reshape(m, -1);
        double size = a.Size(1);
        double[] products = a.MatMul(b.Transpose()).To(DType.Float64).ToArray<double>();
        double[] of = a.Square().Sum(1).To(DType.Float64).ToArray<double>();
        double[] with = b.Square().Sum(1).To(DType.Float64).ToArray<double>();
        var result = new double[n, m];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < m; j++)
            {
                result[i, j] = Math.Max(0, of[i] + with[j] - (2 * products[(i * m) + j])) / size;
            }
        }

        return result;
    }
}
