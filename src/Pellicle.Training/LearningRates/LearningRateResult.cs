namespace Pellicle.Training.LearningRates;

/// <summary>Result of <c>find-lr</c>; property names are the JSON fields.</summary>
public sealed record LearningRateResult
{
    /// <summary>The rate with the lowest loss on left-out images of the trial data.</summary>
    public required double Suggested { get; init; }

    /// <summary>True if it is the smallest or the largest that was tried: the best one may lie outside.</summary>
    public required bool AtEdge { get; init; }

    /// <summary>What the trials trained on.</summary>
    public required string TrialData { get; init; }

    /// <summary>Split of that data on which rates are compared.</summary>
    public required string ComparedOn { get; init; }

    /// <summary>Steps of each trial.</summary>
    public required long TrialSteps { get; init; }

    /// <summary>Expected batch size of the trials, images.</summary>
    public required int TrialBatch { get; init; }

    /// <summary>Noise multiplier of the run; null for ordinary training.</summary>
    public double? NoiseMultiplier { get; init; }

    /// <summary>Noise multiplier of the trials, so that the mean gradient has the run's noise; null for ordinary training.</summary>
    public double? TrialNoiseMultiplier { get; init; }

    /// <summary>The trials, rates rising.</summary>
    public required IReadOnlyList<LearningRateTrial> Trials { get; init; }

    /// <summary>What the figures can and cannot say.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>One short run.</summary>
/// <param name="Lr">Learning rate.</param>
/// <param name="Loss">Mean cross-entropy on left-out images of the trial data, nats; null if it is not finite.</param>
/// <param name="Accuracy">Share of those images classified rightly.</param>
/// <param name="Auc">Area under the curve on them.</param>
public sealed record LearningRateTrial(double Lr, double? Loss, double? Accuracy, double? Auc);
