using Pellicle.Audit.Attacks;
using Pellicle.Audit.Canaries;

namespace Pellicle.Audit;

/// <summary>What <c>audit</c> is asked to do.</summary>
public sealed record AuditRequest
{
    /// <summary>The run folder.</summary>
    public required string RunFolder { get; init; }

    /// <summary>All attacks there are.</summary>
    public static IReadOnlyList<string> KnownAttacks { get; } = ["loss", "lira", "lira-offline", "canary", "gradient"];

    /// <summary>Attacks, of <see cref="KnownAttacks"/>, in the order of the result.</summary>
    public IReadOnlyList<string> Attacks { get; init; } = ["loss"];

    /// <summary>N, shadow models of LiRA: even, at least 4.</summary>
    public int ShadowModels { get; init; } = LikelihoodRatioAttack.UsualShadowModels;

    /// <summary>What canaries are made of: any of mislabelled and noise, or gradient alone (white box).</summary>
    public IReadOnlyList<CanaryKind> CanaryKinds { get; init; } = [CanaryKind.Mislabelled, CanaryKind.Noise];

    /// <summary>Gradients planted by the gradient audit, at least 40; null for 4000, or as many as there are units and parameters.</summary>
    public int? GradientCanaries { get; init; }

    /// <summary>Canaries of the canary attack, m, at least 20. All right answers can show at most an epsilon of about ln(m/4): 1000 canaries for 5.5.</summary>
    public int Canaries { get; init; } = 1000;

    /// <summary>Confidence of the largest lower bound, in (0, 1).</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Delta of a run without privacy; a private run brings its own.</summary>
    public double DeltaWithoutPrivacy { get; init; } = 1e-5;

    /// <summary>Most images (units for LiRA) scored per side by the loss attack and LiRA, drawn by <see cref="Seed"/>.</summary>
    public int MaxImages { get; init; } = 10_000;

    /// <summary>Seed of subsets, splits and canary pixels. The coins of the canaries are always secure.</summary>
    public ulong Seed { get; init; }

    /// <summary>Folder for canaried twins; null puts them below the run folder as <c>audit-twin</c> and deletes them at the end.</summary>
    public string? TwinFolder { get; init; }

    /// <summary>Folder of shadow models, kept from audit to audit; null puts them below the run folder as <c>audit-shadows</c>. Private data.</summary>
    public string? ShadowFolder { get; init; }

    /// <summary>Scratch folder of the gradient audit; null puts it below the run folder as <c>audit-probe</c>. Removed at the end.</summary>
    public string? ProbeFolder { get; init; }

    /// <summary>Writes the result to attack.json and leaves audit.json alone.</summary>
    public bool IsAttackOnly { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }
}
