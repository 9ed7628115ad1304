using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Viewmaker.Training;

/// <summary>Result of <c>obfuscate train</c>; property names are the JSON fields.</summary>
public sealed record ObfuscateTrainResult
{
    /// <summary>The run folder.</summary>
    public required string RunDir { get; init; }

    /// <summary>How it ended.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>What the generator predicts.</summary>
    public required GeneratorFamily Family { get; init; }

    /// <summary>Rules of perturbation.</summary>
    public required GeneratorMode Mode { get; init; }

    /// <summary>Training system.</summary>
    public required ObfuscationSystem System { get; init; }

    /// <summary>What is hidden, with the classes.</summary>
    public required IReadOnlyList<HiddenColumn> PrivateAttributes { get; init; }

    /// <summary>What must stay readable.</summary>
    public required string Task { get; init; }

    /// <summary>How far images may change.</summary>
    public required BudgetSummary Budget { get; init; }

    /// <summary>Rounds played.</summary>
    public required int Rounds { get; init; }

    /// <summary>The round whose generator was kept.</summary>
    public required int SelectedRound { get; init; }

    /// <summary>By what it was chosen.</summary>
    public required string SelectionMeasure { get; init; }

    /// <summary>Figures on the validation patients.</summary>
    public required ObfuscationValidation Validation { get; init; }

    /// <summary>All judged rounds.</summary>
    public required IReadOnlyList<SelectedRound> Judged { get; init; }

    /// <summary>Wall-clock seconds, those before a resume left out.</summary>
    public required double SecondsTotal { get; init; }

    /// <summary>Most memory of the process, bytes.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Always false.</summary>
    public bool FormalGuarantee { get; }

    /// <summary>True if the images are procedural.</summary>
    public required bool IsSynthetic { get; init; }
}

/// <summary>A hidden column.</summary>
/// <param name="Name">Column.</param>
/// <param name="Classes">Classes.</param>
/// <param name="LeakageOriginal">Leakage of the original validation pictures to an attacker trained on originals: how much there is to hide.</param>
public sealed record HiddenColumn(string Name, IReadOnlyList<string> Classes, double? LeakageOriginal);

/// <summary>A budget.</summary>
/// <param name="Norm">What it bounds.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">pixelRange, or the reference's normalised units.</param>
public sealed record BudgetSummary(IReadOnlyList<BudgetNorm> Norm, double Value, string Unit);

/// <summary>Figures on the validation patients.</summary>
/// <param name="FreshLeakage">Leakage of the worst attribute to a fresh attacker. Chosen as the lowest of several, so optimistic: 'obfuscate evaluate' gives the figure that counts.</param>
/// <param name="TaskAuc">As in <see cref="SelectedRound"/>.</param>
/// <param name="TaskAucOriginal">AUC of the task's network on originals.</param>
/// <param name="MeanAbsDelta">Mean change, pixel-range units.</param>
/// <param name="ReferenceMeasure">Macro-F1 of the attacker trained on originals and frozen, as the reference reports it. Never a measure of privacy.</param>
public sealed record ObfuscationValidation(double FreshLeakage, double TaskAuc, double TaskAucOriginal, double MeanAbsDelta, double? ReferenceMeasure);
