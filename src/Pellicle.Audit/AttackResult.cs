using Pellicle.Training.Metrics;

namespace Pellicle.Audit;

/// <summary>Result of one attack; an entry of <c>attacks</c> of <c>audit</c>.</summary>
public sealed record AttackResult
{
    /// <summary>"loss", "lira", "lira-offline", "canary" or "gradient".</summary>
    public required string Name { get; init; }

    /// <summary>Units scored: members and non-members together.</summary>
    public required int N { get; init; }

    /// <summary>Area under the ROC curve; null if a side is empty.</summary>
    public double? Auc { get; init; }

    /// <summary>Interval of the area at <see cref="Confidence"/>.</summary>
    public Interval? AucInterval { get; init; }

    /// <summary>True positive rates at the false positive rates 0.001, 0.01 and 0.1.</summary>
    public required IReadOnlyList<TprAtFpr> TprAtFpr { get; init; }

    /// <summary>Largest TPR − FPR over all thresholds.</summary>
    public double? Advantage { get; init; }

    /// <summary>Epsilon is at least this with <see cref="Confidence"/>, for the audit's delta; 0 if nothing could be shown.</summary>
    public required double EpsilonLowerBound { get; init; }

    /// <summary>Confidence of the bound. With several attacks it is above the confidence asked for, so that the largest bound holds with that one.</summary>
    public required double Confidence { get; init; }

    /// <summary>Wall-clock seconds, training of canaried models included.</summary>
    public required double Seconds { get; init; }

    /// <summary>What must hold for the bound to be valid.</summary>
    public required string Assumption { get; init; }

    /// <summary>Corners of the ROC curve, thinned for drawing.</summary>
    public IReadOnlyList<RocPoint> Roc { get; init; } = [];

    /// <summary>How the canaries did; null for other attacks.</summary>
    public CanarySummary? Canaries { get; init; }

    /// <summary>Shadow models that were compared; null for other attacks.</summary>
    public int? ShadowModels { get; init; }

    /// <summary>Distance found in gradient space; null for other attacks.</summary>
    public GaussianShift? Shift { get; init; }
}

/// <summary>One point of a ROC curve with its interval.</summary>
/// <param name="Fpr">False positive rate that the threshold keeps to.</param>
/// <param name="Tpr">True positive rate there.</param>
/// <param name="TprInterval">Clopper–Pearson interval.</param>
public sealed record TprAtFpr(double Fpr, double Tpr, Interval TprInterval);

/// <summary>How the canaries of a one-run audit did.</summary>
/// <param name="Planted">m, canaries made.</param>
/// <param name="Included">How many the coins put into training.</param>
/// <param name="Guesses">r, coins guessed in the strongest of the fixed tests.</param>
/// <param name="Correct">v, guesses that were right.</param>
/// <param name="Mislabelled">Canaries that are held-out images under a wrong label.</param>
/// <param name="Noise">Canaries that are random pixels.</param>
/// <param name="Gradient">Canaries that are gradients of norm C.</param>
public sealed record CanarySummary(int Planted, int Included, int Guesses, int Correct, int Mislabelled, int Noise, int Gradient = 0);

/// <summary>How far planted gradients moved the noised sums.</summary>
/// <param name="Planted">m, gradients with a coin.</param>
/// <param name="Mu">Distance of whole-run scores in and out, in standard deviations; null if the scores have no spread at all (no noise).</param>
/// <param name="MuLow">μ is at least this with half of the attack's error probability.</param>
/// <param name="EpsilonFromRuns">Lower bound from <paramref name="MuLow"/>.</param>
/// <param name="NoiseRatio">Measured noise over measured shift of a step, as a multiple of the planned noise multiplier: 1 as planned, below 1 too little noise; null without noise.</param>
/// <param name="EpsilonFromSteps">Lower bound from the measured steps; null without a plan.</param>
public sealed record GaussianShift(int Planted, double? Mu, double MuLow, double EpsilonFromRuns, double? NoiseRatio, double? EpsilonFromSteps);
