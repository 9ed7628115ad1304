namespace Pellicle.Privacy.Accounting;

/// <summary>One use of the private data: a Gaussian with noise <see cref="NoiseMultiplier"/> times the clipping bound, added to the clipped sum over sampled units.</summary>
/// <remarks>A description only: what it costs is for a <see cref="PrivacyAccountant"/> to say. For <see cref="SamplingKind.Shuffled"/> one event is one whole epoch.</remarks>
public readonly record struct MechanismEvent
{
    /// <summary>Describes one step.</summary>
    /// <param name="sampling">How the units are drawn.</param>
    /// <param name="sampleRate">q in 0..1; 1 for full batches and shuffled epochs.</param>
    /// <param name="noiseMultiplier">Standard deviation divided by the clipping bound, at least 0; 0 means no privacy.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range or not finite.</exception>
    public MechanismEvent(SamplingKind sampling, double sampleRate, double noiseMultiplier)
    {
        if (!(sampleRate >= 0 && sampleRate <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "The sample rate must be in 0..1.");
        }

        if (!(noiseMultiplier >= 0 && double.IsFinite(noiseMultiplier)))
        {
            throw new ArgumentOutOfRangeException(nameof(noiseMultiplier), noiseMultiplier, "The noise multiplier must be finite and at least 0.");
        }

        if (sampling is SamplingKind.FullBatch or SamplingKind.Shuffled && sampleRate != 1)
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, $"Sampling '{sampling}' takes every unit: the sample rate of its event is 1.");
        }

        Sampling = sampling;
        SampleRate = sampleRate;
        NoiseMultiplier = noiseMultiplier;
    }

    /// <summary>How the units are drawn.</summary>
    public SamplingKind Sampling { get; }

    /// <summary>q in 0..1.</summary>
    public double SampleRate { get; }

    /// <summary>Standard deviation of the noise divided by the clipping bound.</summary>
    public double NoiseMultiplier { get; }

    /// <summary>True if nothing is subsampled: the event is a plain Gaussian mechanism.</summary>
    public bool IsPlainGaussian => SampleRate == 1;

    /// <summary>Makes a Poisson-sampled Gaussian event.</summary>
    /// <param name="sampleRate">q in 0..1.</param>
    /// <param name="noiseMultiplier">At least 0.</param>
    public static MechanismEvent Poisson(double sampleRate, double noiseMultiplier) => new(SamplingKind.Poisson, sampleRate, noiseMultiplier);

    /// <summary>Names the event as error texts and ledgers show it.</summary>
    public override string ToString() => FormattableString.Invariant($"{Sampling} Gaussian (sampleRate {SampleRate:R}, noiseMultiplier {NoiseMultiplier:R})");
}
