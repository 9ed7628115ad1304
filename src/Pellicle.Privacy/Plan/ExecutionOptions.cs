namespace Pellicle.Privacy.Plan;

/// <summary>Everything that may change speed and memory only: no field can change what is accounted for. A test changes each of them.</summary>
public sealed record ExecutionOptions
{
    /// <summary>Images computed at a time; null to choose by memory.</summary>
    public int? PhysicalBatchSize { get; init; }

    /// <summary>Computing threads; null for all cores.</summary>
    public int? Threads { get; init; }

    /// <summary>Most bytes for activations and gradients; null for what the machine has.</summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>Most bytes of decoded images kept between epochs.</summary>
    public long ImageCacheBytes { get; init; } = 1L << 30;

    /// <summary>Most bytes for features of a frozen part, which are computed once; null for a quarter of the machine's memory.</summary>
    public long? FeatureCacheBytes { get; init; }

    /// <summary>Threads that decode images ahead.</summary>
    public int LoaderThreads { get; init; } = 2;

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEverySteps { get; init; } = 500;
}
