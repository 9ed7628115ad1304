namespace Pellicle.Privacy.Accounting;

/// <summary>What the count queries of adaptive clipping cost (Andrew, Thakkar, McMahan, Ramaswamy 2021, Theorem 1).</summary>
/// <remarks>Per step the clipped sum is released with noise multiplier σ_Δ, and the number of units below the bound, minus one half each
/// (sensitivity ½), with standard deviation σ_b. Both on the same batch cost what one Gaussian of multiplier
/// σ_eff = (σ_Δ⁻² + (2σ_b)⁻²)^(−1/2) costs. With per-layer bounds there is one count per layer.
/// In a shuffled epoch a unit is in one batch only, which one is decided without looking at the data, and all other releases of the epoch depend on
/// the unit through that one: blanking the unit out (its gradient and its count contribute zero) changes one such pair, so the epoch costs one Gaussian of σ_eff.</remarks>
public static class AdaptiveClippingCost
{
    /// <summary>σ_eff, which the ledger records.</summary>
    /// <param name="gradientNoiseMultiplier">σ_Δ above 0.</param>
    /// <param name="countNoise">σ_b above 0.</param>
    /// <param name="counts">Number of count queries per step, at least 1.</param>
    public static double EffectiveNoiseMultiplier(double gradientNoiseMultiplier, double countNoise, int counts = 1)
    {
        Check(gradientNoiseMultiplier, countNoise, counts);
        return 1 / Math.Sqrt(1 / (gradientNoiseMultiplier * gradientNoiseMultiplier) + counts / (4 * countNoise * countNoise));
    }

    /// <summary>σ_Δ that keeps a wanted σ_eff.</summary>
    /// <param name="effectiveNoiseMultiplier">σ_eff above 0, below 2σ_b/√counts.</param>
    /// <param name="countNoise">σ_b above 0.</param>
    /// <param name="counts">Number of count queries per step, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The counts alone cost more than σ_eff allows.</exception>
    public static double GradientNoiseMultiplier(double effectiveNoiseMultiplier, double countNoise, int counts = 1)
    {
        Check(effectiveNoiseMultiplier, countNoise, counts);
        double rest = 1 / (effectiveNoiseMultiplier * effectiveNoiseMultiplier) - counts / (4 * countNoise * countNoise);
        if (!(rest > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(countNoise), countNoise, FormattableString.Invariant($"The count queries alone cost more than a noise multiplier of {effectiveNoiseMultiplier}: expected a count noise above {effectiveNoiseMultiplier * Math.Sqrt(counts) / 2:0.####}."));
        }

        return 1 / Math.Sqrt(rest);
    }

    private static void Check(double noise, double countNoise, int counts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(counts, 1);
        if (!(noise > 0) || !(countNoise > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(countNoise), "Both noise values must be above 0.");
        }
    }
}
