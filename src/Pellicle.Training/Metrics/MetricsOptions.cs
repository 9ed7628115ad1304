namespace Pellicle.Training.Metrics;

/// <summary>How metrics are computed.</summary>
public sealed record MetricsOptions
{
    /// <summary>For two classes: class 1 is predicted from this probability on, in (0, 1); null predicts the most probable class.</summary>
    public double? Threshold { get; init; }

    /// <summary>Bootstrap replicates for the 95 % intervals; 0 leaves them out (null). 1000 gives interval ends that repeat to about 5 % of the interval's width.</summary>
    public int BootstrapReplicates { get; init; } = 1000;

    /// <summary>Kind of the intervals.</summary>
    public IntervalKind Interval { get; init; }

    /// <summary>Seed of the bootstrap: equal seeds give equal intervals.</summary>
    public ulong Seed { get; init; }
}
