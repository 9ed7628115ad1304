using System.Numerics;

namespace Pellicle.Privacy.Clipping.Kernels;

/// <summary>Squared norm of Σ_t g_t a_tᵀ (and of the bias gradient Σ_t g_t) from the two Gram matrices, with a bound of its rounding error.</summary>
/// <param name="SquaredNorm">n² = Σ_ts (a_t·a_s + bias)(g_t·g_s), accumulated in double. May be negative by rounding when rows cancel.</param>
/// <param name="ErrorBound">Largest possible error of n² from the float32 products: Σ_ts γ_d ‖a_t‖‖a_s‖ |g_t·g_s| + γ_p ‖g_t‖‖g_s‖ |a_t·a_s|,
/// which is at most γ s² and far below it where rows are nearly orthogonal. γ_k = k·2⁻²⁴ (Higham 2002, section 3.1).</param>
/// <param name="RowNormSum">s = Σ_t ‖a_t‖‖g_t‖: how large the terms are that may cancel.</param>
internal readonly record struct GramNorm(double SquaredNorm, double ErrorBound, double RowNormSum)
{
    /// <summary>2⁻²⁴: relative rounding error of one float32 operation.</summary>
    public const double UnitRoundoff = 1.0 / (1 << 24);

    /// <summary>Measures one unit.</summary>
    /// <param name="inputs">A Aᵀ, R·R values.</param>
    /// <param name="gradients">G Gᵀ, R·R values.</param>
    /// <param name="rows">R.</param>
    /// <param name="hasBias">Counts the bias as an input column of ones.</param>
    /// <param name="inputWidth">d.</param>
    /// <param name="outputWidth">p.</param>
    public static GramNorm Measure(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, int rows, bool hasBias, long inputWidth, long outputWidth)
    {
        double one = hasBias ? 1 : 0;
        var inputNorms = new double[rows];
        var gradientNorms = new double[rows];
        double sum = 0;
        double diagonalProducts = 0;
        double rowNormSum = 0;
        for (int t = 0; t < rows; t++)
        {
            double a = inputs[(t * rows) + t] + one;
            double g = gradients[(t * rows) + t];
            inputNorms[t] = Math.Sqrt(a);
            gradientNorms[t] = Math.Sqrt(g);
            sum += a * g;
            diagonalProducts += a * g;
            rowNormSum += inputNorms[t] * gradientNorms[t];
        }

        double gammaInput = (inputWidth + 2) * UnitRoundoff;
        double gammaGradient = (outputWidth + 2) * UnitRoundoff;
        double error = (gammaInput + gammaGradient) * diagonalProducts;
        for (int t = 1; t < rows; t++)
        {
            // Both matrices are symmetric: the triangle below the diagonal counts twice.
            (double products, double inputError, double gradientError) = Row(
                inputs.Slice(t * rows, t), gradients.Slice(t * rows, t), inputNorms, gradientNorms, one);
            sum += 2 * products;
            error += 2 * ((gammaInput * inputNorms[t] * inputError) + (gammaGradient * gradientNorms[t] * gradientError));
        }

        return new GramNorm(sum, error, rowNormSum);
    }

    private static (double Products, double InputError, double GradientError) Row(
        ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, ReadOnlySpan<double> inputNorms, ReadOnlySpan<double> gradientNorms, double one)
    {
        Vector<double> products = Vector<double>.Zero;
        Vector<double> inputError = Vector<double>.Zero;
        Vector<double> gradientError = Vector<double>.Zero;
        var ones = new Vector<double>(one);
        int s = 0;
        for (; s <= inputs.Length - Vector<float>.Count; s += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(inputs[s..]), out Vector<double> a0, out Vector<double> a1);
            Vector.Widen(new Vector<float>(gradients[s..]), out Vector<double> g0, out Vector<double> g1);
            a0 += ones;
            a1 += ones;
            int next = s + Vector<double>.Count;
            products += (a0 * g0) + (a1 * g1);
            inputError += (new Vector<double>(inputNorms[s..]) * Vector.Abs(g0)) + (new Vector<double>(inputNorms[next..]) * Vector.Abs(g1));
            gradientError += (new Vector<double>(gradientNorms[s..]) * Vector.Abs(a0)) + (new Vector<double>(gradientNorms[next..]) * Vector.Abs(a1));
        }

        (double p, double ie, double ge) = (Vector.Sum(products), Vector.Sum(inputError), Vector.Sum(gradientError));
        for (; s < inputs.Length; s++)
        {
            double a = inputs[s] + one;
            p += a * gradients[s];
            ie += inputNorms[s] * Math.Abs((double)gradients[s]);
            ge += gradientNorms[s] * Math.Abs(a);
        }

        return (p, ie, ge);
    }
}
