using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Operators;

/// <summary>1/x and 1/sqrt(x) of positive values in a public range: a quadratic in each octave, then Newton steps.</summary>
/// <remarks>The quadratic is within 1 % of the value, so one step leaves 1e-4 and two leave less than the rounding of f = 16 bits.</remarks>
public sealed class PositiveInverse
{
    private readonly PiecewisePolynomial _start;
    private readonly bool _isSquareRoot;

    private PositiveInverse(PiecewisePolynomial start, bool isSquareRoot)
    {
        _start = start;
        _isSquareRoot = isSquareRoot;
    }

    /// <summary>1/x.</summary>
    /// <param name="low">Least x, at least 2^-4.</param>
    /// <param name="high">Largest x.</param>
    public static PositiveInverse Reciprocal(double low, double high) => new(Start(x => 1 / x, low, high), isSquareRoot: false);

    /// <summary>1/sqrt(x).</summary>
    /// <param name="low">Least x, at least 2^-4.</param>
    /// <param name="high">Largest x.</param>
    public static PositiveInverse SquareRoot(double low, double high) => new(Start(x => 1 / Math.Sqrt(x), low, high), isSquareRoot: true);

    /// <summary>Evaluates on shares.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="x">Elements within the range given.</param>
    /// <param name="point">Scale.</param>
    /// <param name="signWidth">l.</param>
    public SharedTensor Evaluate(ITensorProtocol protocol, SharedTensor x, FixedPoint point, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(x);
        int n = x.Count, f = point.FractionalBits;
        SharedTensor y = _start.Evaluate(protocol, x, point, signWidth);
        ulong[] three = [.. Enumerable.Repeat(point.Encode(_isSquareRoot ? 3 : 2), n)];
        for (int step = 0; step < 2; step++)
        {
            // y (3 - x y²) / 2, or y (2 - x y)
            SharedTensor square = _isSquareRoot ? protocol.MultiplySum(y, y, n, null, f) : y;
            SharedTensor rest = protocol.AddPublic(protocol.MultiplySum(x, square, n, null, f).Scale(ulong.MaxValue), three);
            y = protocol.MultiplySum(y, rest, n, null, _isSquareRoot ? f + 1 : f);
        }

        return y;
    }

    private static PiecewisePolynomial Start(Func<double, double> function, double low, double high)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(low, 1.0 / 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(high, low);
        int octaves = Math.Max(1, (int)Math.Ceiling(Math.Log2(high / low)));
        double[] thresholds = [.. Enumerable.Range(0, octaves + 1).Select(i => Math.ScaleB(low, i))];
        return PiecewisePolynomial.Fit(function, thresholds, 2, [function(low)], [function(thresholds[^1])]);
    }
}
