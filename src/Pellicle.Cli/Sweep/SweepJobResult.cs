using Pellicle.Training;

namespace Pellicle.Cli.Sweep;

/// <summary>How one run of a sweep stands.</summary>
/// <param name="Id">Hash of its settings.</param>
/// <param name="Settings">Values of the axes.</param>
/// <param name="RunDir">Its run folder.</param>
/// <param name="Status">"planned", "completed", "stoppedByBudget", "interrupted" or "failed".</param>
/// <param name="ExitCode">Of this call's process; null if it was finished before, or is only planned.</param>
/// <param name="Metric">Value of the sweep's metric, or null.</param>
/// <param name="Log">What it said, or null.</param>
internal sealed record SweepJobResult(string Id, IReadOnlyDictionary<string, string?> Settings, string RunDir, string Status, int? ExitCode, double? Metric, string? Log)
{
    /// <summary>Result of the run, if it is finished.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public TrainResult? Result { get; init; }
}
