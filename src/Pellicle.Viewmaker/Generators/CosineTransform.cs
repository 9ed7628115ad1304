using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Two-dimensional DCT-II over the last two dimensions, and its exact inverse.</summary>
/// <remarks>X_k = 2 Σ_i x_i cos(π(2i+1)k/(2N)) along both axes in the reference's form (no normalisation); orthonormal in ours, so that a perturbation has the
/// same size before and after.</remarks>
internal sealed class CosineTransform
{
    private readonly Tensor _rows, _columns, _rowsBack, _columnsBack;

    /// <summary>Makes the matrices, in the current scope.</summary>
    public CosineTransform(long height, long width, bool isOrthonormal, DType type)
    {
        (_rows, _rowsBack) = Matrices(height, isOrthonormal, type);
        (_columns, _columnsBack) = Matrices(width, isOrthonormal, type);
    }

    public Tensor Forward(Tensor images) => _rows.MatMul(images).MatMul(_columns.Transpose());

    public Tensor Inverse(Tensor coefficients) => _rowsBack.MatMul(coefficients).MatMul(_columnsBack.Transpose());

    private static (Tensor Forward, Tensor Inverse) Matrices(long n, bool isOrthonormal, DType type)
    {
        var forward = new double[n * n];
        var inverse = new double[n * n];
        for (long k = 0; k < n; k++)
        {
            double unit = Math.Sqrt((k == 0 ? 1.0 : 2.0) / n); // of the orthonormal form
            double scale = isOrthonormal ? unit : 2;
            for (long i = 0; i < n; i++)
            {
                double cosine = Math.Cos(Math.PI * ((2 * i) + 1) * k / (2.0 * n));
                forward[(k * n) + i] = scale * cosine;
                inverse[(i * n) + k] = unit * unit / scale * cosine;
            }
        }

        return (Tensor.From<double>(forward, n, n).To(type), Tensor.From<double>(inverse, n, n).To(type));
    }
}
