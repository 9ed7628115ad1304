namespace Pellicle.Privacy.Clipping;

/// <summary>How a layer's per-unit norms are found.</summary>
public enum ClippingMethod
{
    /// <summary>From products of rows with each other, without forming the gradient ("ghost norm").</summary>
    Gram,

    /// <summary>From the gradient of each unit, formed in full.</summary>
    PerSample,

    /// <summary>From small gradients that are given in full anyway: normalisation, tokens, positions, biases.</summary>
    Direct,

    /// <summary>Nothing to do: no trainable parameter.</summary>
    Frozen,
}
