namespace Pellicle.Training.Checkpoints;

/// <summary>Content of <c>checkpoints/last.json</c>: where the run stood when the tensors beside it were written.</summary>
public sealed record CheckpointRecord
{
    /// <summary>Steps taken; sampling, noise and augmentation of step t are addressed by t, so this is their position too.</summary>
    public required long Step { get; init; }

    /// <summary>Updates made by the optimiser.</summary>
    public required long OptimizerSteps { get; init; }

    /// <summary>Updates of the moving average; null if the run keeps none.</summary>
    public long? AverageUpdates { get; init; }

    /// <summary>Clipping bounds of the next step with adaptive clipping, one or one per layer; otherwise null.</summary>
    public IReadOnlyList<double>? AdaptiveBounds { get; init; }

    /// <summary>Plateau schedule and best checkpoint; null if the run has neither.</summary>
    public TuningState? Tuning { get; init; }

    /// <summary>SHA-256 of <c>last.safetensors</c>: the two files belong together.</summary>
    public required string TensorsSha256 { get; init; }

    /// <summary>Running counts for the result.</summary>
    public required RunningCounts Counts { get; init; }
}

/// <summary>Counts that the result needs, kept over resumes.</summary>
public sealed record RunningCounts
{
    /// <summary>Steps with an empty sample.</summary>
    public long EmptyBatches { get; init; }

    /// <summary>Unit gradients seen.</summary>
    public long Units { get; init; }

    /// <summary>Unit gradients longer than the bound.</summary>
    public long Clipped { get; init; }

    /// <summary>Images trained on.</summary>
    public long Images { get; init; }

    /// <summary>Wall-clock seconds of the step loop.</summary>
    public double Seconds { get; init; }
}
