using System.Text.Json.Serialization;
using Pellicle.Core.Errors;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>What attacks on encodings found; a floor on what an attacker can do, never a ceiling.</summary>
public sealed record EncodingAttackResult
{
    /// <summary>Folder that was attacked; null for the audit of <c>encode run</c>.</summary>
    public string? Target { get; init; }

    /// <summary>False: encodings have none.</summary>
    public bool FormalGuarantee { get; init; }

    /// <summary>Candidate pictures of the attacker.</summary>
    public required GallerySummary Gallery { get; init; }

    /// <summary>1 / gallery size.</summary>
    public required double Chance { get; init; }

    /// <summary>One entry per attack.</summary>
    public required IReadOnlyList<EncodingMethodResult> Methods { get; init; }

    /// <summary>The most successful attack under its luckiest key; null if nothing was matched.</summary>
    public required WorstMethod? Worst { get; init; }

    /// <summary>Assignment accuracy where the attack must succeed, and where it must fail.</summary>
    public required ControlResults Controls { get; init; }

    /// <summary>False: the harness is broken and there is no rating.</summary>
    public required bool ControlsPassed { get; init; }

    /// <summary>By the authors' scale; null if a control failed, or nothing was matched.</summary>
    public required ReidentificationRating? Rating { get; init; }

    /// <summary>Accuracy of the fingerprint attack against the size of the gallery; empty if not asked for.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    /// <summary>Wall-clock of controls and attacks together; candidates are encoded once, in the controls.</summary>
    public double SecondsTotal { get; init; }

    /// <summary>Set if a control failed.</summary>
    [JsonIgnore]
    public ControlFailedException? ControlFailure => ControlsPassed
        ? null
        : new ControlFailedException($"a control of the attacks failed (pixels found: {Controls.Identity:F3}, noise assigned: {Controls.RandomBits:F3}), so there is no rating.", "Repeat it; each test with noise fails once in twenty thousand times by chance, and a run makes one for each trained attack, control and key. Twice in a row is a fault of the harness.");

    /// <summary>The honest wording.</summary>
    public string Warning { get; init; } = HonestWording.Paragraph;
}

/// <summary>Candidates of the attacker.</summary>
/// <param name="Images">N, all different.</param>
/// <param name="Source">Where they come from.</param>
/// <param name="EqualPictures">Pictures left out because they equal one of the gallery.</param>
public sealed record GallerySummary(int Images, string Source, int EqualPictures = 0);

/// <summary>One attack; its figures are means over the keys attacked.</summary>
public sealed record EncodingMethodResult
{
    /// <summary>Such as "fingerprint".</summary>
    public required string Name { get; init; }

    /// <summary>What the attacker needs.</summary>
    public required IReadOnlyList<string> AttackerKnows { get; init; }

    /// <summary>True for attacks that must fail; they have no part in the rating.</summary>
    public bool IsControl { get; init; }

    /// <summary>Encodings attacked under each key.</summary>
    public required int Images { get; init; }

    /// <summary>See <see cref="MatchScore"/>; null, as the next four, for attacks that match nothing.</summary>
    public double? Top1 { get; init; }

    /// <summary>95 %, counting the pictures once whatever the number of keys.</summary>
    public Interval? Top1Interval { get; init; }

    /// <summary>See <see cref="MatchScore"/>.</summary>
    public double? AssignmentAccuracy { get; init; }

    /// <summary>See <see cref="MatchScore"/>; the median over keys.</summary>
    public int? GuessesToFirstHit { get; init; }

    /// <summary>See <see cref="MatchScore"/>.</summary>
    public double? MedianRank { get; init; }

    /// <summary>Accuracy of each part.</summary>
    public required IReadOnlyList<AttackStage> Stages { get; init; }

    /// <summary>Further numbers.</summary>
    public IReadOnlyDictionary<string, double> Extra { get; init; } = new Dictionary<string, double>();

    /// <summary>The figures key by key.</summary>
    public IReadOnlyList<KeyScore> Keys { get; init; } = [];

    /// <summary>Wall-clock.</summary>
    public required double Seconds { get; init; }
}

/// <summary>How well an attack matched the encodings of one key.</summary>
/// <param name="Target">"release", or a key that the audit drew itself.</param>
/// <param name="Top1">See <see cref="MatchScore"/>.</param>
/// <param name="AssignmentAccuracy">See <see cref="MatchScore"/>.</param>
/// <param name="GuessesToFirstHit">See <see cref="MatchScore"/>.</param>
/// <param name="MedianRank">See <see cref="MatchScore"/>.</param>
/// <param name="RandomBits">Assignment accuracy of the same trained attack on noise; null if it was not trained.</param>
public sealed record KeyScore(string Target, double Top1, double AssignmentAccuracy, int GuessesToFirstHit, double MedianRank, double? RandomBits);

/// <summary>How the fingerprint attack fares with a gallery of another size.</summary>
/// <param name="Images">Encodings and pictures.</param>
/// <param name="Top1">See <see cref="MatchScore"/>.</param>
/// <param name="Top1Interval">95 %.</param>
/// <param name="AssignmentAccuracy">See <see cref="MatchScore"/>.</param>
/// <param name="MedianRank">See <see cref="MatchScore"/>.</param>
public sealed record CurvePoint(int Images, double Top1, Interval Top1Interval, double AssignmentAccuracy, double MedianRank);

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
