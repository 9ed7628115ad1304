namespace Pellicle.Training.Runs;

/// <summary>Content of <c>run.json</c>: what a later command or reader needs to know about a run, besides its settings.</summary>
public sealed record RunRecord
{
    /// <summary>How the run stands.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Version of Pellicle that made it.</summary>
    public required string PellicleVersion { get; init; }

    /// <summary>Version of libtorch beneath.</summary>
    public required string LibtorchVersion { get; init; }

    /// <summary>Which compiled variant of our kernels ran.</summary>
    public required string Kernels { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }

    /// <summary>Start, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>End, UTC; null while it runs or after a kill.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Seed of initialisation, splits, augmentation (never of noise).</summary>
    public required ulong Seed { get; init; }

    /// <summary>The data source as given.</summary>
    public required string DataSource { get; init; }

    /// <summary>Fingerprint of the data: a resume with other data is refused.</summary>
    public required string DataFingerprint { get; init; }

    /// <summary>True if the images are procedural: reports are stamped.</summary>
    public required bool IsSynthetic { get; init; }

    /// <summary>Recipe that settings came from; null without one. The settings themselves are in the run's configuration.</summary>
    public string? Recipe { get; init; }

    /// <summary>How often the run was resumed.</summary>
    public int Resumed { get; init; }

    /// <summary>The result, once there is one.</summary>
    public TrainResult? Result { get; init; }
}
