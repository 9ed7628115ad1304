using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Ledger;

/// <summary>A run of equal events of one mechanism, as recorded before they happened.</summary>
/// <param name="Step">The first of them; 1 for the first of the run. An event is a step, or an epoch for shuffled batches.</param>
/// <param name="Count">How many, at least 1.</param>
/// <param name="SampleRate">Rate q of the sampling.</param>
/// <param name="NoiseMultiplier">Noise standard deviation over the clipping bound.</param>
/// <param name="Kind">One of the names of <see cref="KindOf"/>.</param>
/// <param name="PreviousHash">SHA-256 of the line before, hexadecimal.</param>
public sealed record LedgerEvent(long Step, long Count, double SampleRate, double NoiseMultiplier, string Kind, string PreviousHash)
{
    /// <summary>The kind of the usual event.</summary>
    public const string PoissonSampledGaussian = "poissonSampledGaussian";

    private static readonly Dictionary<string, SamplingKind> Kinds = new(StringComparer.Ordinal)
    {
        [PoissonSampledGaussian] = SamplingKind.Poisson,
        ["fixedSizeSampledGaussian"] = SamplingKind.FixedSize,
        ["shuffledEpochGaussian"] = SamplingKind.Shuffled,
        ["fullBatchGaussian"] = SamplingKind.FullBatch,
    };

    /// <summary>The name that a ledger gives to a way of sampling.</summary>
    /// <param name="sampling">How units are drawn.</param>
    public static string KindOf(SamplingKind sampling) => Kinds.First(k => k.Value == sampling).Key;

    /// <summary>The event as accountants see it.</summary>
    /// <exception cref="ArgumentException">The kind is not known or does not go with the rate.</exception>
    public PrivacyPhase ToPhase() => Kinds.TryGetValue(Kind, out SamplingKind sampling)
        ? new PrivacyPhase(new MechanismEvent(sampling, SampleRate, NoiseMultiplier), Count)
        : throw new ArgumentException($"The event kind '{Kind}' is not known.");

    /// <summary>True if this version can analyse the kind.</summary>
    internal bool IsKnown => Kind is not null && Kinds.TryGetValue(Kind, out SamplingKind sampling) && (SampleRate == 1 || sampling is SamplingKind.Poisson or SamplingKind.FixedSize);
}
