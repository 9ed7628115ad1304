using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Statement;
using Pellicle.Training.Configuration;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Training;

/// <summary>Result of <c>train</c>; property names are the JSON fields.</summary>
public sealed record TrainResult
{
    /// <summary>The run folder.</summary>
    public required string RunDir { get; init; }

    /// <summary>How it ended.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>What was trained.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>On what.</summary>
    public required DataSummary Data { get; init; }

    /// <summary>The guarantee, or that there is none.</summary>
    public required PrivacyStatement Privacy { get; init; }

    /// <summary>Steps taken, those before a resume included.</summary>
    public required long Steps { get; init; }

    /// <summary>Steps planned.</summary>
    public required long PlannedSteps { get; init; }

    /// <summary>Steps taken times the expected batch size, over n.</summary>
    public required double Epochs { get; init; }

    /// <summary>Steps whose Poisson sample was empty.</summary>
    public required long EmptyBatches { get; init; }

    /// <summary>Images computed at once, at most.</summary>
    public required int PhysicalBatchSize { get; init; }

    /// <summary>Memory for features of a frozen part of the network, computed once; 0 if they are computed in every step, null if nothing is frozen so.</summary>
    public long? FeatureCacheBytes { get; init; }

    /// <summary>Share of unit gradients that were clipped over the run; null without privacy. Not covered by the guarantee.</summary>
    public double? ClippedFraction { get; init; }

    /// <summary>Mean loss over the last steps (up to 100); null if no step had an image. Not covered by the guarantee.</summary>
    public double? FinalLoss { get; init; }

    /// <summary>The epoch that was best on the validation split; null if the run did not look for it.</summary>
    public BestEpoch? BestEpoch { get; init; }

    /// <summary>Wall-clock seconds of this process's part.</summary>
    public required double SecondsTotal { get; init; }

    /// <summary>Median wall-clock seconds a step.</summary>
    public required double SecondsPerStep { get; init; }

    /// <summary>Images trained on a second, over the step loop.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Largest resident memory of the process.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>How each trainable layer's gradient norms are found.</summary>
    public required IReadOnlyList<LayerPlanRow> LayerPlan { get; init; }

    /// <summary>Estimated seconds of the whole run; of a dry run only.</summary>
    public double? EstimatedSeconds { get; init; }

    /// <summary>Metrics on the validation split; null if there is none.</summary>
    public ClassificationMetrics? Validation { get; init; }

    /// <summary>Metrics on the test split; null if there is none.</summary>
    public ClassificationMetrics? Test { get; init; }

    /// <summary>Metrics on the test split by hospital of merged releases; empty for other data.</summary>
    public IReadOnlyList<GroupMetrics> TestBySource { get; init; } = [];

    /// <summary>Metrics on the test split of the further sources that the settings name.</summary>
    public IReadOnlyList<GroupMetrics> Retests { get; init; } = [];
}

/// <summary>The best epoch of a run by the tuning metric.</summary>
/// <param name="Metric">By what.</param>
/// <param name="Value">Of the metric on the validation split.</param>
/// <param name="Step">Steps taken by then.</param>
/// <param name="LearningRateFactor">What the plateau schedule had made of the rate at the end.</param>
public sealed record BestEpoch(TuningMetric Metric, double Value, long Step, double LearningRateFactor);

/// <summary>The trained network in short.</summary>
/// <param name="Name">Catalogue name.</param>
/// <param name="Parameters">All values.</param>
/// <param name="TrainableParameters">Values that training changes.</param>
/// <param name="Classes">Class names.</param>
/// <param name="ImageSize">Side of the square input, pixels.</param>
public sealed record ModelSummary(string Name, long Parameters, long TrainableParameters, IReadOnlyList<string> Classes, int ImageSize);

/// <summary>The data in short.</summary>
/// <param name="Source">As given.</param>
/// <param name="NTrain">Images in the training split.</param>
/// <param name="NValidation">Images in the validation split.</param>
/// <param name="NTest">Images in the test split.</param>
/// <param name="Patients">Patients in the training split; null if not known.</param>
/// <param name="IsSynthetic">Procedural images.</param>
public sealed record DataSummary(string Source, int NTrain, int NValidation, int NTest, int? Patients, bool IsSynthetic);
