using Pellicle.Core.Random;
using Pellicle.Training.Sweeps;

namespace Pellicle.Cli.Sweep;

/// <summary>What <c>sweep</c> is asked to do.</summary>
/// <param name="OutFolder">Takes one folder a run, logs and sweep.csv.</param>
/// <param name="Metric">By which runs are compared.</param>
/// <param name="Jobs">Runs at once, at least 1.</param>
/// <param name="KeepBest">Delete weights and checkpoints of all runs but the best.</param>
/// <param name="IsDryRun">Only show the runs.</param>
internal sealed record SweepRequest(string OutFolder, SweepMetric Metric, int Jobs, bool KeepBest, bool IsDryRun)
{
    /// <summary>Train finished runs again; the former folders are kept below <c>former/</c>, because what they spent stays spent.</summary>
    public bool Rerun { get; init; }

    /// <summary>Starts the runs in this order instead of the plan's; null for that.</summary>
    public ISeededRandom? Order { get; init; }

    /// <summary>By which the table is sorted, best first; null for the order of the plan.</summary>
    public SweepMetric? SortKey { get; init; }
}
