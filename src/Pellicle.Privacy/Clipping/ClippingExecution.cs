namespace Pellicle.Privacy.Clipping;

/// <summary>The part of clipping that decides about speed and memory only. The choices depend on shapes, never on data.</summary>
public sealed record ClippingExecution
{
    /// <summary>Multiply-adds count as two. Speed of batched products of rows with rows, per second. Default 120e9.</summary>
    public double GramOperationsPerSecond { get; init; } = 120e9;

    /// <summary>Speed of products that form gradients, per second. Default 150e9.</summary>
    public double ProductOperationsPerSecond { get; init; } = 150e9;

    /// <summary>Speed of writing and reading per-sample gradients, bytes per second. Default 10e9.</summary>
    public double MemoryBytesPerSecond { get; init; } = 10e9;

    /// <summary>Most bytes of per-sample gradients one layer keeps between norm and sum; above that they are formed in parts and not kept. Default 64 MiB.</summary>
    public long PerSampleLimitBytes { get; init; } = 64L << 20;

    /// <summary>Forces a method for linear layers and convolutions; null chooses by predicted time.</summary>
    public ClippingMethod? ForcedMethod { get; init; }
}
