namespace Pellicle.Audit;

/// <summary>What <c>audit</c> is asked to do.</summary>
public sealed record AuditRequest
{
    /// <summary>The run folder.</summary>
    public required string RunFolder { get; init; }

    /// <summary>Attacks: "loss", "canary". "lira" is not in this version.</summary>
    public IReadOnlyList<string> Attacks { get; init; } = ["loss"];

    /// <summary>Canaries of the canary attack, m, at least 20. All right answers can show at most an epsilon of about ln(m/4): 1000 canaries for 5.5.</summary>
    public int Canaries { get; init; } = 1000;

    /// <summary>Confidence of the largest lower bound, in (0, 1).</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Delta of a run without privacy; a private run brings its own.</summary>
    public double DeltaWithoutPrivacy { get; init; } = 1e-5;

    /// <summary>Most images scored per side by the loss attack, drawn by <see cref="Seed"/>.</summary>
    public int MaxImages { get; init; } = 10_000;

    /// <summary>Seed of subsets, splits and canary pixels. The coins of the canaries are always secure.</summary>
    public ulong Seed { get; init; }

    /// <summary>Folder for canaried twins; null puts them below the run folder as <c>audit-twin</c> and deletes them at the end.</summary>
    public string? TwinFolder { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }
}
