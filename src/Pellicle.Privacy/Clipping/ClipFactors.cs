namespace Pellicle.Privacy.Clipping;

/// <summary>From norms to factors c_u, by mode.</summary>
internal static class ClipFactors
{
    /// <summary>Covers the float32 rounding of the scaled sum: a contribution computed in float32 stays below the bound in exact arithmetic.</summary>
    public const double Margin = 1 - (1.0 / (1 << 16));

    // Smaller factors, and the gradients scaled by them, would leave the normal range of float32: zero is within every bound.
    private const double SmallestFactor = 1e-30;

    // Bu et al. 2022, "Automatic clipping": the stability constant γ.
    private const double AutomaticOffset = 0.01;

    /// <summary>Factor of one contribution.</summary>
    /// <param name="mode">Automatic scales always, the others only above the bound.</param>
    /// <param name="norm">Upper bound of the contribution's norm, finite, not negative.</param>
    /// <param name="bound">C, above 0.</param>
    /// <returns>c with c · norm at most C (1 − 2⁻¹⁶).</returns>
    public static double Of(ClippingMode mode, double norm, double bound)
    {
        double factor = mode == ClippingMode.Automatic ? bound * Margin / (norm + AutomaticOffset)
            : norm <= bound * Margin ? 1
            : bound * Margin / norm;
        return factor < SmallestFactor ? 0 : factor;
    }
}
