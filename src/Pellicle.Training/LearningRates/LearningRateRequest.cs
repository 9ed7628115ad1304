using Pellicle.Training.Configuration;

namespace Pellicle.Training.LearningRates;

/// <summary>What a search for a learning rate is asked to do.</summary>
public sealed record LearningRateRequest
{
    /// <summary>Settings of the run that the rate is for. Its own rate is the middle of the default rates.</summary>
    public required TrainConfig Config { get; init; }

    /// <summary>Source of the images that trials train on, as in <c>--data</c>; null takes the run's own, which only an ordinary run may.</summary>
    public string? PublicSource { get; init; }

    /// <summary>Rates to try, each &gt; 0; empty for <see cref="LearningRateFinder.DefaultRates"/>.</summary>
    public IReadOnlyList<double> Rates { get; init; } = [];

    /// <summary>Steps of each trial, at least 1; null for those of the run, at most 100.</summary>
    public int? TrialSteps { get; init; }
}
