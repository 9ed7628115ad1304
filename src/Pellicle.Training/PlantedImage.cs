namespace Pellicle.Training;

/// <summary>An image that an audit adds to the training split: a record of the source under another label, or new pixels.</summary>
/// <remarks>It counts as one more unit: sampled, clipped and noised like every other.</remarks>
public sealed record PlantedImage
{
    /// <summary>Index into the data set's records whose pixels are used; null if <see cref="Pixels"/> is given.</summary>
    public int? Record { get; init; }

    /// <summary>[C, S, S] as the model sees them (normalised); null if <see cref="Record"/> is given.</summary>
    public float[]? Pixels { get; init; }

    /// <summary>Images with the same name are one unit with the patient unit; null makes the image a unit of its own.</summary>
    public string? Unit { get; init; }

    /// <summary>Label it is trained with, 0 … K−1.</summary>
    public required int Label { get; init; }
}
