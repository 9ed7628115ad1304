namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>Families of encoders.</summary>
public enum EncoderKind
{
    /// <summary>Patch convolution, 1×1 convolutions, positions, linear mixer.</summary>
    Conv,

    /// <summary>The patch convolution alone, without ReLU and positions: a control that is broken by design.</summary>
    Linear,
}

/// <summary>Where means and variances of the norms come from.</summary>
public enum EncoderNormalisation
{
    /// <summary>Measured once on the owner's images, kept inside the sealed key: the encoder is a function of one image.</summary>
    Frozen,

    /// <summary>Of the current batch, biased variance, also when encoding (the reference): an encoding depends on its whole batch.</summary>
    Batch,

    /// <summary>No norms.</summary>
    None,
}
