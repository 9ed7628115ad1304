namespace Pellicle.Cli.Sweep;

/// <summary>Result of <c>sweep</c>; property names are the JSON fields.</summary>
/// <param name="OutDir">Folder of the runs.</param>
/// <param name="Table">sweep.csv; null for a dry run.</param>
/// <param name="Axes">Keys that take several values.</param>
/// <param name="Metric">By which runs are compared.</param>
/// <param name="Jobs">All runs.</param>
/// <param name="Best">Id of the best finished run, or null.</param>
/// <param name="Finished">Runs that are finished.</param>
/// <param name="Failed">Runs that failed in this call.</param>
/// <param name="IsDryRun">Only planned.</param>
internal sealed record SweepResult(string OutDir, string? Table, IReadOnlyList<string> Axes, string Metric, IReadOnlyList<SweepJobResult> Jobs, string? Best, int Finished, int Failed, bool IsDryRun);
