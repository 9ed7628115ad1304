using Pellicle.Training.Metrics;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>How well attackers read an attribute; property names are the JSON fields of <c>attack attribute</c>.</summary>
public sealed record AttributeAttackResult
{
    /// <summary>What was attacked.</summary>
    public required string Target { get; init; }

    /// <summary>The column.</summary>
    public required string Attribute { get; init; }

    /// <summary>Its classes.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Test pictures whose class is known.</summary>
    public required int N { get; init; }

    /// <summary>Test patients; null where none is known.</summary>
    public required int? Patients { get; init; }

    /// <summary>All attackers.</summary>
    public required IReadOnlyList<AttackerScore> Attackers { get; init; }

    /// <summary>Largest leakage of an attacker that was trained on obfuscated pictures and does not have the generator.</summary>
    public required double WorstLeakage { get; init; }

    /// <summary>95 % interval of the maximum itself: patients are resampled and the maximum is taken again.</summary>
    public required Interval? WorstLeakageInterval { get; init; }

    /// <summary>The attacker with the largest leakage.</summary>
    public required string WorstAttacker { get; init; }

    /// <summary>Largest leakage if the generator is public, which lets an attacker average the noise of many releases away; null if that was not tried.</summary>
    public double? LeakagePublicGenerator { get; init; }

    /// <summary>Leakage of the true finding alone: attribute and finding correlate, and the finding must stay readable.</summary>
    public required double? FloorFromFinding { get; init; }

    /// <summary>ROC curve of the worst attacker, thinned; empty for more than two classes.</summary>
    public required IReadOnlyList<RocPoint> Roc { get; init; }

    /// <summary>ROC curve of a fresh plain CNN on originals; empty where no originals were attacked, and for more than two classes.</summary>
    public IReadOnlyList<RocPoint> RocOriginal { get; init; } = [];

    /// <summary>Leakage to the worst attacker within each class of the finding.</summary>
    public required IReadOnlyList<StratumLeakage> WithinFinding { get; init; }
}

/// <summary>One attacker.</summary>
/// <param name="Name">Name.</param>
/// <param name="TrainedOn">"original" (for comparison only) or "obfuscated".</param>
/// <param name="Seed">Repetition, from 0.</param>
/// <param name="Auc">AUC of class 1, or the mean of one against rest.</param>
/// <param name="AucInterval">95 % by patient bootstrap.</param>
/// <param name="Leakage">max(AUC, 1 − AUC) of the worst class.</param>
/// <param name="MacroF1">Mean over classes.</param>
/// <param name="Seconds">Wall-clock seconds; all columns were read at once.</param>
public sealed record AttackerScore(string Name, string TrainedOn, int Seed, double Auc, Interval? AucInterval, double Leakage, double MacroF1, double Seconds);

/// <summary>Leakage within a class of the finding.</summary>
/// <param name="Finding">The class.</param>
/// <param name="N">Test pictures.</param>
/// <param name="Leakage">Null if a class of the attribute is missing.</param>
public sealed record StratumLeakage(string Finding, int N, double? Leakage);
