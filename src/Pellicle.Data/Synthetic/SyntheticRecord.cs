namespace Pellicle.Data.Synthetic;

/// <summary>One synthetic image: a row of <c>labels.csv</c>.</summary>
/// <param name="File">Path within the pack: <c>images/split/class/id.png</c>.</param>
/// <param name="Label">0 for the harmless class, 1 for the other; index into <see cref="SyntheticSet.Classes"/>.</param>
/// <param name="Split">"train" or "test"; the same for all images of a patient.</param>
/// <param name="Patient">Invented patient, such as "P00012".</param>
/// <param name="Sex">"female" or "male", independent of the label.</param>
/// <param name="Age">Years, 18 to 90, independent of the label.</param>
public sealed record SyntheticRecord(string File, int Label, string Split, string Patient, string Sex, int Age)
{
    /// <summary>Content of the column <c>source</c>.</summary>
    public const string Source = "synthetic";
}
