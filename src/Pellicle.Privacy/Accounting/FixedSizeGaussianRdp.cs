namespace Pellicle.Privacy.Accounting;

/// <summary>Rényi divergence bound of one step on a fixed-size sample without replacement, replace-one (Wang, Balle, Kasiviswanathan 2019, Theorem 9).</summary>
/// <remarks>Replacing a unit moves the clipped sum by up to 2C, so the Gaussian inside has ε(j) = j·2²/(2σ²) = 2j/σ² with
/// σ relative to C. Integer orders: (α−1)ε' = ln(1 + γ²C(α,2)·min{4(e^ε(2) − 1), 2e^ε(2)} + Σ_{j=3..α} 2γ^j C(α,j) e^((j−1)ε(j))).
/// Orders between are interpolated linearly in (α−1)ε', which is convex (their Corollary 10). Never above the unsampled Gaussian.</remarks>
public static class FixedSizeGaussianRdp
{
    /// <summary>RDP of one step at one order.</summary>
    /// <param name="sampleRate">γ = L/n in 0..1.</param>
    /// <param name="noiseMultiplier">σ relative to the clipping bound, at least 0.</param>
    /// <param name="order">α above 1.</param>
    /// <returns>At least 0; positive infinity if σ = 0 and γ above 0.</returns>
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
        double unsampled = 2 * order / variance;
        if (sampleRate == 1)
        {
            return unsampled;
        }

        int below = (int)Math.Floor(order);
        double weight = order - below;
        double scaled = (1 - weight) * ScaledAtInteger(sampleRate, variance, below) + (weight > 0 ? weight * ScaledAtInteger(sampleRate, variance, below + 1) : 0);
        return Math.Min(unsampled, scaled / (order - 1));
    }

    /// <summary>(α−1)ε'(α) for an integer α; 0 at α = 1.</summary>
    private static double ScaledAtInteger(double rate, double variance, int order)
    {
        if (order <= 1)
        {
            return 0;
        }

        double logRate = Math.Log(rate);
        double logBinomial = Math.Log(order) + Math.Log((order - 1) / 2.0);
        double second = 4 / variance; // ε(2)
        double sum = 2 * logRate + logBinomial + Math.Min(Math.Log(4) + LogSpace.LogExpM1(second), Math.Log(2) + second);
        for (int j = 3; j <= order; j++)
        {
            logBinomial += Math.Log((order - j + 1.0) / j);
            sum = LogSpace.Add(sum, j * logRate + logBinomial + Math.Log(2) + (j - 1) * (2 * j / variance));
        }

        return sum > 700 ? sum : LogSpace.Log1P(Math.Exp(sum));
    }
}
