namespace Pellicle.Audit;

/// <summary>Result of <c>audit</c>; property names are the JSON fields. Also the content of <c>audit.json</c>.</summary>
public sealed record AuditResult
{
    /// <summary>The audited run folder.</summary>
    public required string RunDir { get; init; }

    /// <summary>One entry per attack, in the order asked.</summary>
    public required IReadOnlyList<AttackResult> Attacks { get; init; }

    /// <summary>Largest lower bound of all attacks; holds with <see cref="Confidence"/>.</summary>
    public required double EpsilonLowerBound { get; init; }

    /// <summary>The accountant's epsilon; null for a run without privacy (infinite).</summary>
    public double? EpsilonUpperBound { get; init; }

    /// <summary>The delta that both bounds are for.</summary>
    public required double Delta { get; init; }

    /// <summary>Lower bound at most upper bound. False means that the guarantee is broken: a bug, or training outside the plan.</summary>
    public required bool Consistent { get; init; }

    /// <summary>Confidence of <see cref="EpsilonLowerBound"/>.</summary>
    public required double Confidence { get; init; }

    /// <summary>Checks of the audit itself.</summary>
    public required AuditControls Controls { get; init; }
}
