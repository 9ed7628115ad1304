namespace Pellicle.Training.Checkpoints;

/// <summary>Where the plateau schedule and the best checkpoint of a run stand.</summary>
public sealed record TuningState
{
    /// <summary>Best value of the tuning metric so far; null before the first epoch.</summary>
    public double? BestValue { get; init; }

    /// <summary>Step after which it was reached; 0 before the first epoch.</summary>
    public long BestStep { get; init; }

    /// <summary>Best value that counted as a gain.</summary>
    public double? PlateauValue { get; init; }

    /// <summary>Epochs since then.</summary>
    public int EpochsWithoutGain { get; init; }

    /// <summary>Factor on the learning rate.</summary>
    public double LearningRateFactor { get; init; } = 1;
}
