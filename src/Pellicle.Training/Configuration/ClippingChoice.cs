namespace Pellicle.Training.Configuration;

/// <summary>Ways to bound a unit's gradient that <c>--clipping</c> offers.</summary>
public enum ClippingChoice
{
    /// <summary>One norm over all trainable parameters.</summary>
    Flat,

    /// <summary>One bound for each layer; the squares add up to C².</summary>
    PerLayer,

    /// <summary>Normalised to C (Bu et al. 2022).</summary>
    Automatic,

    /// <summary>A bound that follows a quantile of the norms by noised counts (Andrew et al. 2021).</summary>
    Adaptive,
}
