namespace Pellicle.Privacy.Clipping;

/// <summary>The part of clipping that decides about the guarantee.</summary>
public sealed record ClippingOptions
{
    /// <summary>How contributions are bounded. Default flat.</summary>
    public ClippingMode Mode { get; init; } = ClippingMode.Flat;

    /// <summary>C: bound on the L2 norm of one unit's contribution over all layers; 1e-12 to 1e12. Default 1.</summary>
    public double MaxGradNorm { get; init; } = 1;

    /// <summary>Per-layer bounds by layer path, for per-layer and adaptive clipping. Empty in per-layer mode gives every layer C/√L, empty in adaptive
    /// mode one bound for all; otherwise every recorded layer needs one, and C is √(Σ C_l²), whatever <see cref="MaxGradNorm"/> says.</summary>
    public IReadOnlyDictionary<string, double> LayerBounds { get; init; } = new Dictionary<string, double>();

    /// <summary>A unit whose gradient is not finite contributes zero, instead of stopping the step. Keeps the sensitivity; it is recorded. Default false.</summary>
    public bool ZeroNonFinite { get; init; }

    /// <summary>Bound on a unit's whole contribution: the L2 sensitivity of the sum under add-or-remove-one.</summary>
    public double Sensitivity =>
        LayerBounds.Count > 0 ? Math.Sqrt(LayerBounds.Values.Sum(bound => bound * bound)) : MaxGradNorm;

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentException">Bounds per layer are given in a mode that has none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A bound is outside 1e-12 … 1e12: beyond, scaled float32 gradients lose their precision and the margin no longer covers it.</exception>
    public void Validate()
    {
        if (LayerBounds.Count > 0 && Mode is ClippingMode.Flat or ClippingMode.Automatic)
        {
            throw new ArgumentException($"{Mode} clipping has no bounds per layer.");
        }

        foreach (double bound in LayerBounds.Values.Append(MaxGradNorm))
        {
            ValidateBound(bound);
        }
    }

    /// <summary>Checks one bound.</summary>
    /// <param name="bound">C or C_l.</param>
    internal static void ValidateBound(double bound)
    {
        if (!(bound is >= 1e-12 and <= 1e12))
        {
            throw new ArgumentOutOfRangeException(nameof(bound), bound, "Expected a clipping bound from 1e-12 to 1e12.");
        }
    }
}
