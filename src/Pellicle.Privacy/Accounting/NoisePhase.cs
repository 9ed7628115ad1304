namespace Pellicle.Privacy.Accounting;

/// <summary>Equal steps whose noise is a multiple of one multiplier that is still to be found.</summary>
/// <param name="Sampling">How units are drawn.</param>
/// <param name="SampleRate">q in 0..1.</param>
/// <param name="NoiseFactor">Noise multiplier of these steps divided by the one searched; above 0.</param>
/// <param name="Steps">At least 0.</param>
public readonly record struct NoisePhase(SamplingKind Sampling, double SampleRate, double NoiseFactor, long Steps)
{
    /// <summary>The phase at a given multiplier.</summary>
    /// <param name="noiseMultiplier">The multiplier of factor 1.</param>
    public PrivacyPhase At(double noiseMultiplier) => new(new MechanismEvent(Sampling, SampleRate, NoiseFactor * noiseMultiplier), Steps);
}
