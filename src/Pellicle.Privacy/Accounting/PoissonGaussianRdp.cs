namespace Pellicle.Privacy.Accounting;

/// <summary>Rényi divergence of one step of the Poisson-subsampled Gaussian, add-or-remove-one (Mironov, Talwar, Zhang 2019, Section 3.3).</summary>
/// <remarks>ln A(α) with A(α) = E over N(0, σ²) of (1 − q + q e^((2x−1)/(2σ²)))^α. Small privacy losses make A = 1 + 1e-9, so both forms
/// compute A − 1 without ever forming A: the binomial sum loses its first two terms, which add to the 1; the integral subtracts
/// the linear part of the power, whose mean is 0.</remarks>
public static class PoissonGaussianRdp
{
    /// <summary>RDP of one step at one order.</summary>
    /// <param name="sampleRate">q in 0..1.</param>
    /// <param name="noiseMultiplier">σ, at least 0.</param>
    /// <param name="order">α, above 1.</param>
    /// <returns>At least 0; positive infinity if σ = 0; NaN if the integral did not converge.</returns>
    public static double AtOrder(double sampleRate, double noiseMultiplier, double order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(order, 1);
        if (sampleRate == 0)
        {
            return 0;
        }

        if (noiseMultiplier == 0)
        {
            return double.PositiveInfinity;
        }

        double variance = noiseMultiplier * noiseMultiplier;
        if (sampleRate == 1)
        {
            return order / (2 * variance);
        }

        double logA = order == Math.Floor(order) && order <= 1 << 20
            ? LogAOfInteger(sampleRate, variance, (int)order)
            : LogAByQuadrature(sampleRate, noiseMultiplier, order);
        return Math.Max(0, logA / (order - 1));
    }

    /// <summary>The same by the alternating series of the paper, for comparison: needs up to millions of terms near q = ½, and loses digits of small values.</summary>
    /// <remarks>A = Σ_i C(α,i)[(1−q)^j q^i e^((i²−i)/(2σ²)) ½ erfc((i−z₀)/(√2σ)) + (1−q)^i q^j e^((j²−j)/(2σ²)) ½ erfc((z₀−j)/(√2σ))],
    /// j = α − i, z₀ = σ² ln(1/q − 1) + ½; stops when both terms are below e^−45 of the sum.</remarks>
    /// <param name="sampleRate">q in (0, 1).</param>
    /// <param name="noiseMultiplier">σ above 0.</param>
    /// <param name="order">α above 1, not an integer.</param>
    /// <param name="maxTerms">Give up after so many terms.</param>
    /// <returns>RDP of one step, or NaN if the series did not converge.</returns>
    public static double BySeries(double sampleRate, double noiseMultiplier, double order, int maxTerms = 100_000)
    {
        double q = sampleRate;
        double variance = noiseMultiplier * noiseMultiplier;
        double root = Math.Sqrt(2) * noiseMultiplier;
        double z0 = variance * Math.Log(1 / q - 1) + 0.5;
        double logBinomial = 0;
        int sign = 1;
        double positive = double.NegativeInfinity;
        double negative = double.NegativeInfinity;
        for (int i = 0; i < maxTerms; i++)
        {
            double j = order - i;
            double first = logBinomial + j * Math.Log(1 - q) + i * Math.Log(q) + (i * (double)i - i) / (2 * variance) + LogSpace.LogErfc((i - z0) / root) - Math.Log(2);
            double second = logBinomial + i * Math.Log(1 - q) + j * Math.Log(q) + (j * j - j) / (2 * variance) + LogSpace.LogErfc((z0 - j) / root) - Math.Log(2);
            if (sign > 0)
            {
                positive = LogSpace.Add(positive, LogSpace.Add(first, second));
            }
            else
            {
                negative = LogSpace.Add(negative, LogSpace.Add(first, second));
            }

            if (i > order && Math.Max(first, second) < positive - 45)
            {
                return LogSpace.Subtract(positive, negative) / (order - 1);
            }

            double factor = (order - i) / (i + 1);
            logBinomial += Math.Log(Math.Abs(factor));
            sign *= Math.Sign(factor);
        }

        return double.NaN;
    }

    /// <summary>A − 1 = Σ_{k≥2} C(α,k)(1−q)^(α−k) q^k (e^(k(k−1)/(2σ²)) − 1), all terms positive.</summary>
    private static double LogAOfInteger(double q, double variance, int order)
    {
        double logQ = Math.Log(q);
        double logRest = LogSpace.Log1P(-q);
        double logBinomial = Math.Log(order);
        double high = double.NegativeInfinity;
        double sum = 0;
        for (int k = 2; k <= order; k++)
        {
            logBinomial += Math.Log((order - k + 1.0) / k);
            double term = logBinomial + (order - k) * logRest + k * logQ + LogSpace.LogExpM1(k * (k - 1.0) / (2 * variance));
            if (term > high)
            {
                sum = sum * Math.Exp(high - term) + 1;
                high = term;
            }
            else
            {
                sum += Math.Exp(term - high);
            }
        }

        double logExcess = high + Math.Log(sum);
        return logExcess > 700 ? logExcess : LogSpace.Log1P(Math.Exp(logExcess));
    }

    /// <summary>Trapezoidal rule in x, which converges exponentially here: the integrand is analytic for |Im x| &lt; πσ² and decays like a Gaussian.</summary>
    private static double LogAByQuadrature(double q, double sigma, double order)
    {
        double variance = sigma * sigma;
        // Error about e^(d²/(2σ²) − 2πd/step) for any strip d: the doubled step, which checks the result, shall still give e^−34.
        double strip = Math.Min(Math.PI * variance, 8 * sigma);
        double step = Math.PI * strip / (34 + strip * strip / (2 * variance));
        List<(long First, long Last)> windows = Windows(sigma, order, step);
        double peak = double.NegativeInfinity;
        foreach ((long first, long last) in windows)
        {
            for (long i = first; i <= last; i++)
            {
                double x = i * step;
                peak = Math.Max(peak, order * LogRatio(q, x, variance) - x * x / (2 * variance));
            }
        }

        bool isSmall = peak < 3;
        double even = 0;
        double odd = 0;
        foreach ((long first, long last) in windows)
        {
            for (long i = first; i <= last; i++)
            {
                double x = i * step;
                double value = isSmall ? Excess(q, x, variance, order) : Math.Exp(order * LogRatio(q, x, variance) - x * x / (2 * variance) - peak);
                if ((i & 1) == 0)
                {
                    even += value;
                }
                else
                {
                    odd += value;
                }
            }
        }

        double fine = even + odd;
        if (!(Math.Abs(2 * even - fine) <= 1e-8 * Math.Abs(fine)))
        {
            return double.NaN;
        }

        double scale = step / (sigma * Math.Sqrt(2 * Math.PI));
        return isSmall ? LogSpace.Log1P(Math.Max(0, fine * scale)) : Math.Log(fine * scale) + peak;
    }

    /// <summary>Mesh points that matter: within 12σ of the modes at 0, at 1 (of the linear part) and at α (of the power); e^−72 is left beyond.</summary>
    /// <remarks>With small noise the three stand far apart, and the mesh between them would have millions of points.</remarks>
    private static List<(long First, long Last)> Windows(double sigma, double order, double step)
    {
        var windows = new List<(long First, long Last)>(3);
        foreach (double mode in new[] { 0, 1, order })
        {
            long first = (long)Math.Floor((mode - 12 * sigma) / step);
            long last = (long)Math.Ceiling((mode + 12 * sigma) / step);
            if (windows.Count > 0 && first <= windows[^1].Last)
            {
                windows[^1] = (windows[^1].First, last);
            }
            else
            {
                windows.Add((first, last));
            }
        }

        return windows;
    }

    /// <summary>ln(1 − q + q e^((2x−1)/(2σ²))), the privacy loss at x.</summary>
    internal static double LogRatio(double q, double x, double variance)
    {
        double v = (2 * x - 1) / (2 * variance);
        return v > 30 ? Math.Log(q) + v + LogSpace.Log1P((1 - q) / q * Math.Exp(-v)) : LogSpace.Log1P(q * LogSpace.ExpM1(v));
    }

    /// <summary>e^(−x²/(2σ²)) ((1+u)^α − 1 − αu), u = q(e^v − 1): the linear part has mean 0 and would drown the rest.</summary>
    private static double Excess(double q, double x, double variance, double order)
    {
        double v = (2 * x - 1) / (2 * variance);
        double exponent = -x * x / (2 * variance);
        double u = v > 30 ? double.PositiveInfinity : q * LogSpace.ExpM1(v);
        if (order * Math.Abs(u) < 0.05)
        {
            double term = order * (order - 1) / 2 * u * u;
            double sum = term;
            for (int k = 3; k <= 14; k++)
            {
                term *= (order - k + 1) / k * u;
                sum += term;
            }

            return sum * Math.Exp(exponent);
        }

        if (u < 1)
        {
            return Math.Exp(exponent) * (LogSpace.ExpM1(order * LogSpace.Log1P(u)) - order * u);
        }

        double power = Math.Exp(order * LogRatio(q, x, variance) + exponent);
        double linear = order * q * Math.Exp(v + exponent);
        return power - linear - Math.Exp(exponent) * (1 - order * q);
    }
}
