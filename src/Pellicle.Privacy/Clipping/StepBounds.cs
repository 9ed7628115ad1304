namespace Pellicle.Privacy.Clipping;

/// <summary>The clipping bounds of one step: one for the whole gradient, or one per layer. Public values: constants, or found from noised counts.</summary>
public sealed class StepBounds
{
    private StepBounds(double sensitivity, IReadOnlyDictionary<string, double>? layers)
    {
        Sensitivity = sensitivity;
        Layers = layers;
    }

    /// <summary>C: bound on a unit's whole contribution, √(Σ C_l²) with bounds per layer.</summary>
    public double Sensitivity { get; }

    /// <summary>C_l by layer path; null for one bound on the whole gradient (or its even split over layers).</summary>
    public IReadOnlyDictionary<string, double>? Layers { get; }

    /// <summary>One bound.</summary>
    /// <param name="maxGradNorm">C, 1e-12 to 1e12.</param>
    public static StepBounds Whole(double maxGradNorm)
    {
        ClippingOptions.ValidateBound(maxGradNorm);
        return new StepBounds(maxGradNorm, null);
    }

    /// <summary>One bound per layer.</summary>
    /// <param name="layers">C_l by layer path, each 1e-12 to 1e12; at least one.</param>
    public static StepBounds PerLayer(IReadOnlyDictionary<string, double> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count, nameof(layers));
        foreach (double bound in layers.Values)
        {
            ClippingOptions.ValidateBound(bound);
        }

        return new StepBounds(Math.Sqrt(layers.Values.Sum(bound => bound * bound)), layers);
    }

    /// <summary>The bounds that options give, times a public factor.</summary>
    /// <param name="options">Clipping of the run.</param>
    /// <param name="factor">Factor of the schedule, above 0.</param>
    public static StepBounds Of(ClippingOptions options, double factor = 1)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.LayerBounds.Count == 0
            ? Whole(options.MaxGradNorm * factor)
            : PerLayer(options.LayerBounds.ToDictionary(bound => bound.Key, bound => bound.Value * factor));
    }
}
