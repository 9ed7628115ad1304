namespace Pellicle.Data;

/// <summary>One image of a data set: where it is, its class, its split, whose it is.</summary>
/// <param name="File">Name within the source, with forward slashes; for arrays "train_images[17]".</param>
/// <param name="Label">Index into <see cref="ImageDataset.Classes"/>.</param>
/// <param name="Split">"train", "validation" or "test" (<see cref="SplitName"/>).</param>
/// <param name="Patient">Patient, or other group, whose images belong together; null if not known. Private: never in messages or logs.</param>
/// <param name="Attributes">Values of the columns asked for by <see cref="DatasetOptions.AttributeColumns"/>; other columns do not enter.</param>
public sealed record ImageRecord(string File, int Label, string Split, string? Patient, IReadOnlyDictionary<string, string> Attributes);
