using Pellicle.Training.Metrics;

namespace Pellicle.Training.Evaluation;

/// <summary>Result of <c>eval</c>; property names are the JSON fields. Also the content of <c>eval-SPLIT.json</c>.</summary>
public sealed record EvalResult
{
    /// <summary>The run folder.</summary>
    public required string RunDir { get; init; }

    /// <summary>train, validation or test.</summary>
    public required string Split { get; init; }

    /// <summary>Class names in the order of the outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Metrics of the whole split.</summary>
    public required ClassificationMetrics Metrics { get; init; }

    /// <summary>The threshold asked for, or null.</summary>
    public double? Threshold { get; init; }

    /// <summary>How the intervals were found.</summary>
    public required BootstrapSummary Bootstrap { get; init; }

    /// <summary>Metrics by group.</summary>
    public required IReadOnlyList<GroupMetrics> Groups { get; init; }

    /// <summary>False: these figures are computed from data that the guarantee of training does not cover.</summary>
    public required bool CoveredByGuarantee { get; init; }

    /// <summary>Predictions with file, label and probabilities. Private data.</summary>
    public required string PredictionsFile { get; init; }
}
