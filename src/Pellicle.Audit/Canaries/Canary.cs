using Pellicle.Training;

namespace Pellicle.Audit.Canaries;

/// <summary>One image that an audit may plant into training, with the outcome of its coin.</summary>
/// <param name="Kind">What it is made of.</param>
/// <param name="Image">Pixels or record, and the label it would be trained with.</param>
/// <param name="IsIncluded">What its fair coin said.</param>
public sealed record Canary(CanaryKind Kind, PlantedImage Image, bool IsIncluded);
