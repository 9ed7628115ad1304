using Pellicle.Privacy.Statement;

namespace Pellicle.Privacy.Plan;

/// <summary>Result of the command <c>plan</c>, field for field.</summary>
public sealed record BudgetPlan
{
    /// <summary>What would be guaranteed.</summary>
    public required PrivacyStatement Privacy { get; init; }

    /// <summary>"noiseMultiplier", "epsilon" or "epochs".</summary>
    public required string SolvedFor { get; init; }

    /// <summary>n.</summary>
    public required long N { get; init; }

    /// <summary>L.</summary>
    public required long ExpectedBatchSize { get; init; }

    /// <summary>q.</summary>
    public required double SampleRate { get; init; }

    /// <summary>Passes over the data: as asked, or steps·L/n.</summary>
    public required double Epochs { get; init; }

    /// <summary>Steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Delta.</summary>
    public required double Delta { get; init; }

    /// <summary>Noise divided by the clipping bound.</summary>
    public required double NoiseMultiplier { get; init; }

    /// <summary>Upper bound (an approximation with gdp), earlier runs included; null if infinite.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Lower bound on the true epsilon, or null.</summary>
    public double? EpsilonLower { get; init; }

    /// <summary>Best Rényi order with the rdp accountant, else null.</summary>
    public double? BestOrder { get; init; }

    /// <summary>True if that order is the first or last of the list.</summary>
    public bool OrderAtEdge { get; init; }

    /// <summary>Epsilon of the earlier runs alone, or null without any.</summary>
    public double? SpentEpsilon { get; init; }

    /// <summary>The noise for other budgets with the same steps; null where a budget cannot be met.</summary>
    public IReadOnlyList<PlanAlternative> Alternatives { get; init; } = [];

    /// <summary>Epochs times targets; empty unless asked for.</summary>
    public IReadOnlyList<PlanRow> Table { get; init; } = [];

    /// <summary>The same epochs and budget at other batch sizes; empty unless the table is asked for.</summary>
    public IReadOnlyList<PlanBatch> Batches { get; init; } = [];

    /// <summary>Remarks.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>The noise for another budget.</summary>
/// <param name="TargetEpsilon">Budget.</param>
/// <param name="NoiseMultiplier">Noise, or null if no noise meets it.</param>
public sealed record PlanAlternative(double TargetEpsilon, double? NoiseMultiplier);

/// <summary>The noise for the budget at another batch size.</summary>
/// <param name="ExpectedBatchSize">L.</param>
/// <param name="Steps">Steps of the same number of epochs.</param>
/// <param name="NoiseMultiplier">Noise, or null if no noise meets the budget.</param>
/// <param name="NoisePerUnit">Standard deviation of the noise on the mean gradient, in clipping bounds: noise multiplier over L. What the optimiser sees.</param>
public sealed record PlanBatch(long ExpectedBatchSize, long Steps, double? NoiseMultiplier, double? NoisePerUnit);

/// <summary>A row of the table.</summary>
/// <param name="Epochs">Passes over the data.</param>
/// <param name="Steps">Steps.</param>
/// <param name="TargetEpsilon">Budget.</param>
/// <param name="NoiseMultiplier">Noise, or null if no noise meets the budget.</param>
/// <param name="Epsilon">What that noise gives.</param>
public sealed record PlanRow(double Epochs, long Steps, double TargetEpsilon, double? NoiseMultiplier, double? Epsilon);
