using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>What attacks on encodings found; a floor on what an attacker can do, never a ceiling.</summary>
public sealed record EncodingAttackResult
{
    /// <summary>Candidate pictures of the attacker.</summary>
    public required GallerySummary Gallery { get; init; }

    /// <summary>1 / gallery size.</summary>
    public required double Chance { get; init; }

    /// <summary>One entry per attack.</summary>
    public required IReadOnlyList<EncodingMethodResult> Methods { get; init; }

    /// <summary>The most successful.</summary>
    public required WorstMethod Worst { get; init; }

    /// <summary>Assignment accuracy where the attack must succeed, and where it must fail.</summary>
    public required ControlResults Controls { get; init; }

    /// <summary>False: the harness is broken and there is no rating.</summary>
    public required bool ControlsPassed { get; init; }

    /// <summary>By the authors' scale; null if a control failed.</summary>
    public required ReidentificationRating? Rating { get; init; }
}

/// <summary>Candidates of the attacker.</summary>
/// <param name="Images">N.</param>
/// <param name="Source">Where they come from.</param>
public sealed record GallerySummary(int Images, string Source);

/// <summary>One attack.</summary>
public sealed record EncodingMethodResult
{
    /// <summary>Such as "fingerprint".</summary>
    public required string Name { get; init; }

    /// <summary>What the attacker needs.</summary>
    public required IReadOnlyList<string> AttackerKnows { get; init; }

    /// <summary>Encodings attacked.</summary>
    public required int Images { get; init; }

    /// <summary>See <see cref="MatchScore"/>.</summary>
    public required double Top1 { get; init; }

    /// <summary>95 %.</summary>
    public required Interval Top1Interval { get; init; }

    /// <summary>See <see cref="MatchScore"/>.</summary>
    public required double AssignmentAccuracy { get; init; }

    /// <summary>See <see cref="MatchScore"/>.</summary>
    public required int GuessesToFirstHit { get; init; }

    /// <summary>See <see cref="MatchScore"/>.</summary>
    public required double MedianRank { get; init; }

    /// <summary>Assignment accuracy of each part.</summary>
    public required IReadOnlyList<AttackStage> Stages { get; init; }

    /// <summary>Further numbers.</summary>
    public IReadOnlyDictionary<string, double> Extra { get; init; } = new Dictionary<string, double>();

    /// <summary>Wall-clock.</summary>
    public required double Seconds { get; init; }
}

/// <summary>A part of an attack.</summary>
/// <param name="Name">Such as "spectrum".</param>
/// <param name="Value">Assignment accuracy.</param>
public sealed record AttackStage(string Name, double Value);

/// <summary>The most successful attack.</summary>
/// <param name="Method">Name.</param>
/// <param name="AssignmentAccuracy">0 to 1.</param>
public sealed record WorstMethod(string Method, double AssignmentAccuracy);

/// <summary>Assignment accuracies of the controls.</summary>
/// <param name="Identity">On the pixels themselves: must be at least 0.99.</param>
/// <param name="RandomBits">On noise of the same moments: must be at chance.</param>
public sealed record ControlResults(double Identity, double RandomBits);

/// <summary>Scale of the authors for re-identification (Yala et al. 2021), applied to the upper end of the 95 % interval of the assignment accuracy.</summary>
public enum ReidentificationRating
{
    /// <summary>Below 5 %.</summary>
    Low,

    /// <summary>5 to 20 %.</summary>
    Moderate,

    /// <summary>Above 20 %.</summary>
    High,
}
