using Pellicle.Training.Configuration;
using Pellicle.Training.Metrics;

namespace Pellicle.Training.Evaluation;

/// <summary>What <c>eval</c> is asked to do.</summary>
public sealed record EvalRequest
{
    /// <summary>The run folder.</summary>
    public required string RunFolder { get; init; }

    /// <summary>train, validation or test.</summary>
    public string Split { get; init; } = "test";

    /// <summary>Another source than the run's own, such as external test data; null takes the run's.</summary>
    public string? DataSource { get; init; }

    /// <summary>For two classes: class 1 from this probability on; null takes the most probable class.</summary>
    public double? Threshold { get; init; }

    /// <summary>Attribute columns to group by.</summary>
    public IReadOnlyList<string> By { get; init; } = [];

    /// <summary>Bootstrap replicates of the intervals.</summary>
    public int Bootstrap { get; init; } = 1000;

    /// <summary>Kind of the intervals.</summary>
    public IntervalKind Interval { get; init; }

    /// <summary>Opens the key of a run that encodes on the fly; null where keys are not available.</summary>
    public Func<TrainConfig, IPictureEncoder>? OpenEncoder { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }
}
