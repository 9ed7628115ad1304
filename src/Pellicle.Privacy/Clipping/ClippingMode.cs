namespace Pellicle.Privacy.Clipping;

/// <summary>How the contribution of a unit is bounded.</summary>
public enum ClippingMode
{
    /// <summary>One bound on the norm over all trainable parameters together (Abadi et al. 2016).</summary>
    Flat,

    /// <summary>One bound C_l per layer; the total is √(Σ C_l²).</summary>
    PerLayer,

    /// <summary>Every contribution is scaled by C/(norm + 0.01), so it stays below C (Bu et al. 2022).</summary>
    Automatic,

    /// <summary>As flat, or as per layer where the options give bounds by layer, with bounds that move from step to step by noised counts
    /// of the units within them (Andrew et al. 2021). The caller charges for the counts.</summary>
    Adaptive,
}
