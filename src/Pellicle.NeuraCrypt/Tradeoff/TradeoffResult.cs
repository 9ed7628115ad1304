using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>Use against re-identification for several ways to release the same images.</summary>
public sealed record TradeoffResult
{
    /// <summary>The data.</summary>
    public required string Source { get; init; }

    /// <summary>What is predicted.</summary>
    public required string Task { get; init; }

    /// <summary>Pictures the task learned from.</summary>
    public required int TrainImages { get; init; }

    /// <summary>Pictures it was judged on.</summary>
    public required int TestImages { get; init; }

    /// <summary>One entry for each way.</summary>
    public required IReadOnlyList<TradeoffPoint> Points { get; init; }

    /// <summary>Wall-clock.</summary>
    public required double SecondsTotal { get; init; }

    /// <summary>The honest wording.</summary>
    public string Warning { get; init; } = HonestWording.Paragraph;
}

/// <summary>One way to release images.</summary>
public sealed record TradeoffPoint
{
    /// <summary>"plain", "neuracrypt", "mixing" or "noise".</summary>
    public required string Family { get; init; }

    /// <summary>With its strength.</summary>
    public required string Name { get; init; }

    /// <summary>Area under the ROC curve of a plain classifier on the test split.</summary>
    public required double Auc { get; init; }

    /// <summary>95 %.</summary>
    public required Interval AucInterval { get; init; }

    /// <summary>Guesses until an attacker is right for the first time; the smallest over the attacks. Of N² pairs.</summary>
    public required int Guesswork { get; init; }

    /// <summary>Share assigned rightly by the most successful attack.</summary>
    public required double AssignmentAccuracy { get; init; }

    /// <summary>Which attack that was.</summary>
    public required string WorstAttack { get; init; }

    /// <summary>True if both controls held and no attack found anything in noise.</summary>
    public required bool ControlsPassed { get; init; }

    /// <summary>Stated bound; null: none.</summary>
    public LocalGuarantee? Guarantee { get; init; }

    /// <summary>All attacks.</summary>
    public required IReadOnlyList<EncodingMethodResult> Attacks { get; init; }
}
