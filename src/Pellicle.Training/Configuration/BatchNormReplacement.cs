namespace Pellicle.Training.Configuration;

/// <summary>What takes the place of batch normalisation by the statistics of the batch, which mixes images and is refused with privacy.</summary>
public enum BatchNormReplacement
{
    /// <summary>Nothing is replaced.</summary>
    None,

    /// <summary>Group normalisation; affine values and running statistics are carried over.</summary>
    Group,

    /// <summary>Batch normalisation stays, with its stored statistics in training, too: it no longer mixes images.</summary>
    Fixed,
}
