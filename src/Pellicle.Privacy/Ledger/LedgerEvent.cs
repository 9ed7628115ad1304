namespace Pellicle.Privacy.Ledger;

/// <summary>A run of equal steps of one mechanism, as recorded before they were taken.</summary>
/// <param name="Step">The first of them; 1 for the first of the run.</param>
/// <param name="Count">How many, at least 1.</param>
/// <param name="SampleRate">Rate q of Poisson sampling.</param>
/// <param name="NoiseMultiplier">Noise standard deviation over the sensitivity.</param>
/// <param name="Kind">Always "poissonSampledGaussian" in this version.</param>
/// <param name="PreviousHash">SHA-256 of the line before, hexadecimal.</param>
public sealed record LedgerEvent(long Step, long Count, double SampleRate, double NoiseMultiplier, string Kind, string PreviousHash)
{
    /// <summary>The kind that this version writes and accepts.</summary>
    public const string PoissonSampledGaussian = "poissonSampledGaussian";
}
