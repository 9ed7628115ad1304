using Pellicle.Viewmaker.Attacks;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>What <c>obfuscate evaluate</c> is asked to do.</summary>
public sealed record ObfuscateEvaluateRequest
{
    /// <summary>A run of <c>obfuscate train</c>.</summary>
    public required string RunFolder { get; init; }

    /// <summary>Attackers, seeds, epochs, intervals.</summary>
    public AttackOptions Attack { get; init; } = new();

    /// <summary>Budgets of the curve as shares of the trained one, each above 0 and at most 1.</summary>
    public IReadOnlyList<double> Budgets { get; init; } = [0.2, 0.4, 0.6, 0.8, 1];

    /// <summary>Names of baselines.</summary>
    public static IReadOnlyList<string> KnownBaselines => Baseline.Known;

    /// <summary>Baselines; empty for none.</summary>
    public IReadOnlyList<string> Baselines { get; init; } = Baseline.Known;

    /// <summary>Gate: the headline must be below; null for no gate.</summary>
    public double? RequireLeakageBelow { get; init; }

    /// <summary>Release JPEG of this quality, 1 to 100, and evaluate what is left of it; null for PNG.</summary>
    public int? JpegQuality { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public int Threads { get; init; } = 1;
}
