using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Operators;

/// <summary>A function of one variable as polynomials between public thresholds, evaluated on shares.</summary>
/// <remarks>The bits b_i = [x >= t_i] choose the coefficients: c_j = c_0j + sum over i of b_i · (c_ij - c_(i-1)j) is linear in the bits, so it costs nothing once the bits are ring
/// elements. The value is then one inner product of coefficients and powers of x. Outside the fitted range the high coefficients are exactly 0 as ring elements, so powers
/// that no longer fit their range are multiplied by 0.
/// <para>Rounds: the sign of all thresholds in one flight, 2 for the bits, ceil(log2(degree)) products for the powers, 1 for the inner product.</para></remarks>
public sealed class PiecewisePolynomial
{
    private const int CoefficientBits = 28;

    private readonly double[][] _pieces;
    private readonly int _degree;

    private PiecewisePolynomial(double[] thresholds, double[][] pieces)
    {
        Thresholds = thresholds;
        _pieces = pieces;
        _degree = pieces.Max(piece => piece.Length) - 1;
    }

    /// <summary>Where one polynomial ends and the next begins, ascending.</summary>
    public IReadOnlyList<double> Thresholds { get; }

    /// <summary>Fits a function by interpolation in the Chebyshev points of each piece.</summary>
    /// <param name="function">What to approximate between the first and the last threshold.</param>
    /// <param name="thresholds">At least 2, ascending, distinct.</param>
    /// <param name="degree">Degree between thresholds, 1 to 8.</param>
    /// <param name="left">Polynomial below the first threshold, constant term first.</param>
    /// <param name="right">Polynomial from the last threshold on, constant term first.</param>
    public static PiecewisePolynomial Fit(Func<double, double> function, double[] thresholds, int degree, double[] left, double[] right)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(thresholds);
        ArgumentOutOfRangeException.ThrowIfLessThan(degree, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(degree, 8);
        var pieces = new List<double[]> { left };
        for (int i = 0; i + 1 < thresholds.Length; i++)
        {
            pieces.Add(Interpolate(function, thresholds[i], thresholds[i + 1], degree));
        }

        pieces.Add(right);
        return new PiecewisePolynomial(thresholds, [.. pieces]);
    }

    /// <summary>The approximation in double precision.</summary>
    /// <param name="x">Any number.</param>
    public double Evaluate(double x)
    {
        int place = 0;
        while (place < Thresholds.Count && x >= Thresholds[place])
        {
            place++;
        }

        double[] piece = _pieces[place];
        double sum = 0;
        for (int j = piece.Length - 1; j >= 0; j--)
        {
            sum = (sum * x) + piece[j];
        }

        return sum;
    }

    /// <summary>The approximation on shares.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="x">n elements at the scale of <paramref name="point"/>; within the sign width, also after a threshold is subtracted.</param>
    /// <param name="point">Scale.</param>
    /// <param name="signWidth">l.</param>
    /// <returns>n elements at the same scale.</returns>
    public SharedTensor Evaluate(ITensorProtocol protocol, SharedTensor x, FixedPoint point, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(x);
        int n = x.Count, m = Thresholds.Count;
        SharedTensor shifted = SharedTensor.Concatenate([.. Thresholds.Select(t => protocol.AddPublic(x, Filled(n, 0 - point.Encode(t))))]);
        SharedTensor bits = protocol.BitToArithmetic(protocol.IsNonNegative(shifted, signWidth));
        SharedTensor[] powers = Powers(protocol, x, point);
        var coefficients = new SharedTensor[_degree + 1];
        for (int j = 0; j <= _degree; j++)
        {
            SharedTensor sum = bits.Slice(0, n).Scale(Step(0, j));
            for (int i = 1; i < m; i++)
            {
                sum = sum.Add(bits.Slice(i * n, n).Scale(Step(i, j)));
            }

            coefficients[j] = protocol.AddPublic(sum, Filled(n, Encoded(0, j)));
        }

        int[] target = [.. Enumerable.Range(0, (_degree + 1) * n).Select(i => i % n)];
        return protocol.MultiplySum(SharedTensor.Concatenate(coefficients), SharedTensor.Concatenate(powers), n, target, CoefficientBits);
    }

    private ulong Encoded(int piece, int power) =>
        power < _pieces[piece].Length ? new FixedPoint(CoefficientBits).Encode(_pieces[piece][power]) : 0;

    private ulong Step(int threshold, int power) => Encoded(threshold + 1, power) - Encoded(threshold, power);

    // x^0 … x^degree; powers of the same depth in one round.
    private SharedTensor[] Powers(ITensorProtocol protocol, SharedTensor x, FixedPoint point)
    {
        var powers = new SharedTensor[_degree + 1];
        powers[0] = protocol.Constant(Filled(x.Count, point.Encode(1)));
        powers[1] = x;
        for (int known = 1; known < _degree;)
        {
            int next = Math.Min(_degree, 2 * known), n = x.Count;
            SharedTensor left = SharedTensor.Concatenate([.. Enumerable.Range(known + 1, next - known).Select(_ => powers[known])]);
            SharedTensor right = SharedTensor.Concatenate([.. Enumerable.Range(1, next - known).Select(j => powers[j])]);
            SharedTensor products = protocol.MultiplySum(left, right, left.Count, null, point.FractionalBits);
            for (int j = 0; j < next - known; j++)
            {
                powers[known + 1 + j] = products.Slice(j * n, n);
            }

            known = next;
        }

        return powers;
    }

    private static ulong[] Filled(int n, ulong value)
    {
        var values = new ulong[n];
        Array.Fill(values, value);
        return values;
    }

    // Newton's divided differences, multiplied out.
    private static double[] Interpolate(Func<double, double> function, double low, double high, int degree)
    {
        double[] x = [.. Enumerable.Range(0, degree + 1).Select(i => ((low + high) / 2) + ((high - low) / 2 * Math.Cos(Math.PI * (i + 0.5) / (degree + 1))))];
        double[] difference = [.. x.Select(function)];
        for (int order = 1; order <= degree; order++)
        {
            for (int i = degree; i >= order; i--)
            {
                difference[i] = (difference[i] - difference[i - 1]) / (x[i] - x[i - order]);
            }
        }

        var coefficients = new double[degree + 1];
        for (int i = degree; i >= 0; i--)
        {
            for (int j = degree; j > 0; j--)
            {
                coefficients[j] = coefficients[j - 1] - (x[i] * coefficients[j]);
            }

            coefficients[0] = difference[i] - (x[i] * coefficients[0]);
        }

        return coefficients;
    }
}
