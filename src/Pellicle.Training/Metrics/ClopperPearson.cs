using MathNet.Numerics;

namespace Pellicle.Training.Metrics;

/// <summary>Exact confidence bounds for a proportion of independent trials.</summary>
/// <remarks>Clopper and Pearson 1934: the bounds are quantiles of beta distributions. Coverage is at least the stated confidence for every
/// true proportion and every number of trials; it is never approximate, so it is safe for audits.</remarks>
public static class ClopperPearson
{
    /// <summary>Largest value that lies below the true proportion with the given confidence (one-sided).</summary>
    /// <param name="successes">0 … <paramref name="trials"/>.</param>
    /// <param name="trials">At least 0.</param>
    /// <param name="confidence">In (0, 1), such as 0.975.</param>
    /// <returns>In [0, 1); 0 without successes.</returns>
    public static double LowerBound(int successes, int trials, double confidence)
    {
        Check(successes, trials, confidence);
        return successes == 0 ? 0 : BetaQuantile(successes, trials - successes + 1.0, 1 - confidence);
    }

    /// <summary>Smallest value that lies above the true proportion with the given confidence (one-sided).</summary>
    /// <param name="successes">0 … <paramref name="trials"/>.</param>
    /// <param name="trials">At least 0.</param>
    /// <param name="confidence">In (0, 1), such as 0.975.</param>
    /// <returns>In (0, 1]; 1 if every trial succeeded or there was none.</returns>
    public static double UpperBound(int successes, int trials, double confidence)
    {
        Check(successes, trials, confidence);
        return successes == trials ? 1 : 1 - BetaQuantile(trials - successes, successes + 1.0, 1 - confidence);
    }

    /// <summary>Two-sided interval: each end holds with half of the error probability.</summary>
    /// <param name="successes">0 … <paramref name="trials"/>.</param>
    /// <param name="trials">At least 0.</param>
    /// <param name="confidence">In (0, 1), such as 0.95.</param>
    public static Interval TwoSided(int successes, int trials, double confidence)
    {
        double oneSided = (1 + confidence) / 2;
        return new Interval(LowerBound(successes, trials, oneSided), UpperBound(successes, trials, oneSided));
    }

    private static void Check(int successes, int trials, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trials);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        if (!(confidence > 0 && confidence < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "expected a confidence between 0 and 1");
        }
    }

    // Bisection to the last bit rather than the library's root finder: its absolute tolerance is too coarse for rates near 1e-6.
    private static double BetaQuantile(double a, double b, double probability)
    {
        double low = 0;
        double high = 1;
        while (true)
        {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high || high - low < 1e-15 * high)
            {
                return low;
            }

            if (SpecialFunctions.BetaRegularized(a, b, middle) < probability)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }
    }
}
