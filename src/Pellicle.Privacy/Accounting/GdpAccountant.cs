namespace Pellicle.Privacy.Accounting;

/// <summary>Central limit approximation of the Poisson-subsampled Gaussian (Bu, Dong, Long, Su 2020, Section 2.4): NOT a bound.</summary>
/// <remarks>μ² = Σ q²T(e^(1/σ²) − 1), then the profile of the Gaussian mechanism. It lies below the truth in most subsampled
/// settings and far above it at q = 1 with small noise, so no training run and no noise search of a run may use it.</remarks>
public sealed class GdpAccountant() : PrivacyAccountant(NeighbouringRelation.AddOrRemoveOne)
{
    /// <inheritdoc/>
    public override string Name => "gdp";

    /// <inheritdoc/>
    public override string Version => "gdp-clt-1";

    /// <inheritdoc/>
    public override bool IsBound => false;

    /// <summary>The Gaussian-DP parameter of the limit.</summary>
    /// <param name="history">Poisson-sampled phases.</param>
    public static double Mu(PrivacyHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return Math.Sqrt(history.Phases.Sum(MuSquared));
    }

    private protected override IReadOnlyList<EpsilonResult> CurveCore(IReadOnlyList<PrivacyPhase> phases, IReadOnlyList<double> deltas)
    {
        double mu = Math.Sqrt(phases.Sum(MuSquared));
        return [.. deltas.Select(delta => new EpsilonResult(GaussianProfile.Epsilon(mu, delta), null, null, delta, BoundKind.Approximation)
        {
            Notes = ["gdp is an approximation and may lie below the true epsilon"],
        })];
    }

    private static double MuSquared(PrivacyPhase phase)
    {
        double q = phase.Event.SampleRate;
        double s = phase.Event.NoiseMultiplier;
        return q * q * phase.Steps * LogSpace.ExpM1(1 / (s * s));
    }
}
