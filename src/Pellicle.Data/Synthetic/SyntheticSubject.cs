namespace Pellicle.Data.Synthetic;

/// <summary>What a painter needs to know of one image.</summary>
/// <param name="Record">Label and attributes.</param>
/// <param name="Signs">Three strengths of disease, each in (0, 1), higher on average for the second class.</param>
/// <param name="SexCue">Planted cue of sex: 0 for none, otherwise negative for female and positive for male, about -1 to 1.</param>
/// <param name="AgeCue">Planted cue of age: 0 for none, otherwise about -1 (young) to 1 (old).</param>
/// <param name="PatientSeed">Of what all images of a patient share, such as the skin tone.</param>
internal sealed record SyntheticSubject(SyntheticRecord Record, (float First, float Second, float Third) Signs, float SexCue, float AgeCue, ulong PatientSeed);
