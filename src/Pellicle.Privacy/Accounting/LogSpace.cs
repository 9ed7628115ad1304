namespace Pellicle.Privacy.Accounting;

/// <summary>Arithmetic on logarithms, and the functions of the normal distribution to the far tail.</summary>
/// <remarks>Privacy losses multiply thousands of factors as small as e^-1000: everything that may underflow is kept as its
/// natural logarithm. Relative accuracy is a few units in the last place unless said otherwise.</remarks>
public static class LogSpace
{
    private static readonly double LogSqrtPi = 0.5 * Math.Log(Math.PI);

    /// <summary>ln(e^a + e^b); negative infinity stands for 0.</summary>
    /// <param name="a">A logarithm.</param>
    /// <param name="b">A logarithm.</param>
    public static double Add(double a, double b)
    {
        double high = Math.Max(a, b);
        double low = Math.Min(a, b);
        return double.IsNegativeInfinity(low) || double.IsPositiveInfinity(high) ? high : high + Log1P(Math.Exp(low - high));
    }

    /// <summary>ln(e^a − e^b) for a &gt;= b.</summary>
    /// <param name="a">The larger logarithm.</param>
    /// <param name="b">The smaller logarithm.</param>
    /// <exception cref="ArgumentException">b is larger than a.</exception>
    public static double Subtract(double a, double b)
    {
        if (b > a)
        {
            throw new ArgumentException($"The difference of e^{a} and e^{b} is negative and has no logarithm.", nameof(b));
        }

        if (double.IsNegativeInfinity(b))
        {
            return a;
        }

        double d = b - a;
        // Mächler 2012: near 0 expm1 keeps the digits, far from 0 log1p does.
        return a + (d > -0.693147 ? Math.Log(-ExpM1(d)) : Log1P(-Math.Exp(d)));
    }

    /// <summary>ln Σ e^v; negative infinity if empty.</summary>
    /// <param name="values">Logarithms.</param>
    public static double Sum(ReadOnlySpan<double> values)
    {
        double high = double.NegativeInfinity;
        foreach (double v in values)
        {
            high = Math.Max(high, v);
        }

        if (double.IsInfinity(high))
        {
            return high;
        }

        double sum = 0;
        foreach (double v in values)
        {
            sum += Math.Exp(v - high);
        }

        return high + Math.Log(sum);
    }

    /// <summary>ln(1 + x) without loss for small x (Kahan).</summary>
    /// <param name="x">Above −1.</param>
    public static double Log1P(double x)
    {
        double u = 1 + x;
        if (u == 1)
        {
            return x;
        }

        return double.IsPositiveInfinity(u) ? u : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>e^x − 1 without loss for small x (Kahan).</summary>
    /// <param name="x">Any value.</param>
    public static double ExpM1(double x)
    {
        if (Math.Abs(x) > 0.7)
        {
            return Math.Exp(x) - 1;
        }

        double u = Math.Exp(x);
        return u == 1 ? x : (u - 1) * (x / Math.Log(u));
    }

    /// <summary>ln(e^x − 1) for x &gt; 0, without overflow.</summary>
    /// <param name="x">Above 0.</param>
    public static double LogExpM1(double x) => x > 40 ? x : Math.Log(ExpM1(x));

    /// <summary>Complementary error function, to the last places; 0 beyond x = 27.3.</summary>
    /// <param name="x">Any value.</param>
    public static double Erfc(double x) => ErrorFunction.Erfc(x);

    /// <summary>ln erfc(x) to the far tail: finite for every finite x.</summary>
    /// <param name="x">Any value.</param>
    public static double LogErfc(double x)
    {
        if (x < 1.25)
        {
            return x < 0.25 ? Log1P(ErrorFunction.Erfc(x) - 1) : Math.Log(ErrorFunction.Erfc(x));
        }

        if (x < 28)
        {
            return ErrorFunction.LogErfcTail(x);
        }

        // Abramowitz and Stegun 7.1.23; at x = 28 the first omitted term is below 1e-13 of the correction.
        double r = 1 / (2 * x * x);
        return -x * x - Math.Log(x) - LogSqrtPi + Log1P(-r * (1 - 3 * r * (1 - 5 * r * (1 - 7 * r))));
    }

    /// <summary>Φ(x), the distribution function of the standard normal, with full relative accuracy in the lower tail.</summary>
    /// <param name="x">Any value; infinities give 0 and 1.</param>
    public static double Phi(double x) => 0.5 * ErrorFunction.Erfc(-x * Sqrt1Over2);

    /// <summary>ln Φ(x) to the far tail.</summary>
    /// <param name="x">Any finite value.</param>
    public static double LogPhi(double x) => x < 0 ? LogErfc(-x * Sqrt1Over2) - Math.Log(2) : Log1P(-0.5 * ErrorFunction.Erfc(x * Sqrt1Over2));

    private const double Sqrt1Over2 = 0.70710678118654752440;
}
