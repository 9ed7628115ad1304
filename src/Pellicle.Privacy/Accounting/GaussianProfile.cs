namespace Pellicle.Privacy.Accounting;

/// <summary>The exact privacy profile of the Gaussian mechanism, μ = sensitivity / standard deviation.</summary>
/// <remarks>Balle and Wang 2018, Theorem 8: δ(ε) = Φ(μ/2 − ε/μ) − e^ε Φ(−μ/2 − ε/μ). A mechanism with this profile or a smaller one is
/// μ-Gaussian-DP (Dong, Roth, Su 2022). Computed from logarithms of Φ, so that no term under- or overflows.</remarks>
public static class GaussianProfile
{
    /// <summary>δ(ε).</summary>
    /// <param name="mu">μ, at least 0.</param>
    /// <param name="epsilon">At least 0.</param>
    /// <returns>In [0, 1).</returns>
    public static double Delta(double mu, double epsilon)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(mu);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        if (mu == 0)
        {
            return 0;
        }

        if (double.IsPositiveInfinity(mu))
        {
            return 1;
        }

        double first = LogSpace.LogPhi(mu / 2 - epsilon / mu);
        double second = epsilon + LogSpace.LogPhi(-mu / 2 - epsilon / mu);
        return second >= first ? 0 : Math.Exp(first) * -LogSpace.ExpM1(second - first);
    }

    /// <summary>The epsilon at which δ(ε) = delta; 0 if δ(0) is smaller.</summary>
    /// <param name="mu">μ, at least 0.</param>
    /// <param name="delta">In (0, 1).</param>
    public static double Epsilon(double mu, double delta)
    {
        CheckDelta(delta);
        ArgumentOutOfRangeException.ThrowIfNegative(mu);
        if (double.IsPositiveInfinity(mu))
        {
            return double.PositiveInfinity;
        }

        if (Delta(mu, 0) <= delta)
        {
            return 0;
        }

        double high = 1;
        while (Delta(mu, high) > delta)
        {
            high *= 2;
        }

        return Bisect(high / 2 < 1 ? 0 : high / 2, high, epsilon => Delta(mu, epsilon) > delta);
    }

    /// <summary>The μ at which δ(epsilon) = delta.</summary>
    /// <param name="epsilon">At least 0, finite.</param>
    /// <param name="delta">In (0, 1).</param>
    public static double Mu(double epsilon, double delta)
    {
        CheckDelta(delta);
        double high = 1;
        while (Delta(high, epsilon) < delta)
        {
            high *= 2;
        }

        return Bisect(0, high, mu => Delta(mu, epsilon) < delta);
    }

    /// <summary>The last argument at which the condition changes from true to false, from the safe (upper) side.</summary>
    private static double Bisect(double low, double high, Func<double, bool> isBelow)
    {
        for (int i = 0; i < 200 && high - low > high * 1e-15; i++)
        {
            double middle = 0.5 * (low + high);
            if (isBelow(middle))
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return high;
    }

    private static void CheckDelta(double delta)
    {
        if (!(delta > 0 && delta < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(delta), delta, "Delta must lie between 0 and 1, both excluded.");
        }
    }
}
