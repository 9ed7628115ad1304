using System.Text.Json.Serialization;
using Pellicle.Core.Errors;
using Pellicle.Training.Metrics;
using Pellicle.Viewmaker.Attacks;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>Result of <c>obfuscate evaluate</c>; property names are the JSON fields.</summary>
public sealed record ObfuscateEvaluateResult
{
    /// <summary>The run folder.</summary>
    public required string RunDir { get; init; }

    /// <summary>Patients and images of each part.</summary>
    public required EvaluationSplits Splits { get; init; }

    /// <summary>Each hidden attribute.</summary>
    public required IReadOnlyList<AttributeAttackResult> Attributes { get; init; }

    /// <summary>What is left of the task.</summary>
    public required TaskUtility Utility { get; init; }

    /// <summary>How far test pictures changed.</summary>
    public required Fidelity Fidelity { get; init; }

    /// <summary>Finding patients again; null where patients have one picture each, or none is known.</summary>
    public required Reidentification? Reidentification { get; init; }

    /// <summary>Other attributes.</summary>
    public required IReadOnlyList<UntargetedColumn> Untargeted { get; init; }

    /// <summary>The generator at smaller budgets, and the simple baselines.</summary>
    public required IReadOnlyList<BaselinePoint> Baselines { get; init; }

    /// <summary>Area under the privacy–utility curve, for the generator and each baseline.</summary>
    public required IReadOnlyList<PrivacyUtilityArea> Areas { get; init; }

    /// <summary>Names of baselines that keep at least the generator's task AUC with less leakage: the generator does not dominate them.</summary>
    public required IReadOnlyList<string> NotDominated { get; init; }

    /// <summary>Leakage of the worst attribute to the worst fresh attacker; null if a control failed.</summary>
    public required double? HeadlineLeakage { get; init; }

    /// <summary>95 % interval of the attribute with the headline.</summary>
    public required Interval? HeadlineInterval { get; init; }

    /// <summary>Controls.</summary>
    public required EvaluationControls Controls { get; init; }

    /// <summary>Quality of the JPEG files that were attacked; null for lossless files. Points of the curve and averaged releases are without JPEG.</summary>
    public int? JpegQuality { get; init; }

    /// <summary>Repetitions of fresh attackers.</summary>
    public required int Seeds { get; init; }

    /// <summary>Folder of the released files that were attacked.</summary>
    public required string Released { get; init; }

    /// <summary>The HTML report; set by the command.</summary>
    public string? Report { get; init; }

    /// <summary>Wall-clock seconds.</summary>
    public required double SecondsTotal { get; init; }

    /// <summary>True if T has fewer than 100 patients, or images where no patients are known: nothing may be called removed or hidden.</summary>
    public required bool IsSmall { get; init; }

    /// <summary>True if the images are procedural.</summary>
    public required bool IsSynthetic { get; init; }

    /// <summary>Always false.</summary>
    public bool FormalGuarantee { get; }

    /// <summary>The gate of <c>--require-leakage-below</c>.</summary>
    [JsonIgnore]
    public GateFailedException? Failure { get; init; }
}

/// <summary>A part of the patients.</summary>
/// <param name="Patients">Patients; null where none is known.</param>
/// <param name="Images">Pictures.</param>
public sealed record PartSize(int? Patients, int Images);

/// <summary>All parts.</summary>
/// <param name="Generator">G.</param>
/// <param name="AttackerTrain">A.</param>
/// <param name="Validation">V.</param>
/// <param name="Test">T.</param>
public sealed record EvaluationSplits(PartSize Generator, PartSize AttackerTrain, PartSize Validation, PartSize Test);

/// <summary>An attribute that was not to be hidden: it must not become easier to read.</summary>
/// <param name="Attribute">Column.</param>
/// <param name="LeakageOriginal">To a fresh attacker on originals.</param>
/// <param name="LeakageObfuscated">To the same kind of attacker on released pictures.</param>
/// <param name="DifferenceInterval">95 % of the difference.</param>
public sealed record UntargetedColumn(string Attribute, double LeakageOriginal, double LeakageObfuscated, Interval? DifferenceInterval);

/// <summary>A point of the privacy–utility plane.</summary>
/// <param name="Name">Baseline, or "generator".</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="WorstLeakage">Worst attribute, fresh plain CNN.</param>
/// <param name="TaskAuc">Fresh network of the task.</param>
/// <param name="MeanAbsDelta">Mean change, pixel-range units.</param>
public sealed record BaselinePoint(string Name, string Parameters, double WorstLeakage, double TaskAuc, double MeanAbsDelta);

/// <summary>Controls of the measurement.</summary>
/// <param name="IdentityLeakage">Fresh plain CNN on originals: as much as there is to hide.</param>
/// <param name="OriginalAttackerLeakage">The attacker of training on originals.</param>
/// <param name="ConstantLeakage">Fresh plain CNN on grey pictures.</param>
/// <param name="ConstantInterval">95 %; must hold 0.5.</param>
/// <param name="Passed">Both hold.</param>
public sealed record EvaluationControls(double IdentityLeakage, double OriginalAttackerLeakage, double ConstantLeakage, Interval? ConstantInterval, bool Passed);

/// <summary>Finding a patient again among released pictures, by a verifier retrained on them.</summary>
/// <param name="Auc">Pairs of one patient against pairs of two, both released.</param>
/// <param name="AucInterval">95 %.</param>
/// <param name="Eer">Equal error rate.</param>
/// <param name="PrecisionAt1">Share of pictures whose nearest other picture is of the same patient.</param>
/// <param name="LinkageAuc">A released picture against originals.</param>
/// <param name="AucOriginal">The same on originals.</param>
/// <param name="Patients">Test patients with at least two pictures.</param>
public sealed record Reidentification(double Auc, Interval? AucInterval, double Eer, double PrecisionAt1, double LinkageAuc, double AucOriginal, int Patients);
