namespace Pellicle.Training.LearningRates;

/// <summary>How the learning rate of a run was found, on images that are not the run's.</summary>
public sealed record LearningRateSearch
{
    /// <summary>The images of the test, as given; whoever gave them declared them public, or they are procedural.</summary>
    public required string Source { get; init; }

    /// <summary>True for procedural images.</summary>
    public required bool IsSynthetic { get; init; }

    /// <summary>Images of the test.</summary>
    public required int Images { get; init; }

    /// <summary>Noise multiplier of the run, which the test imitated; null without privacy.</summary>
    public double? NoiseMultiplier { get; init; }

    /// <summary>The answer.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Rates tried, rising, with the smoothed loss at each.</summary>
    public required IReadOnlyList<LearningRatePoint> Curve { get; init; }
}

/// <summary>One step of a range test.</summary>
/// <param name="LearningRate">Rate of the step.</param>
/// <param name="Loss">Mean loss an image before it, smoothed over the steps so far.</param>
public sealed record LearningRatePoint(double LearningRate, double Loss);
