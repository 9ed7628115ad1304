namespace Pellicle.Privacy.Accounting;

/// <summary>Accuracy and memory of the <see cref="PrvAccountant"/>.</summary>
public sealed record PrvOptions
{
    /// <summary>ε_err: upper and lower bound lie this far from the estimate. Above 0; 0.01 by default, as in other toolkits.</summary>
    public double EpsilonError { get; init; } = 0.01;

    /// <summary>δ_err as a fraction of the smallest delta asked for. In (0, 0.5); 0.001 by default.</summary>
    public double DeltaErrorFraction { get; init; } = 0.001;

    /// <summary>Most bytes for mesh arrays. Where the mesh would need more, it is made coarser and the stated error wider.</summary>
    public long MemoryLimitBytes { get; init; } = 256L << 20;

    /// <summary>Most different phases that are composed one by one, at least 1; more are merged, each group at the smallest noise of its members.</summary>
    public int MaxPhases { get; init; } = 32;

    /// <summary>Options whose error suits a wanted epsilon: 0.01, or a twentieth of the target if that is smaller.</summary>
    /// <param name="targetEpsilon">Above 0.</param>
    public static PrvOptions ForTarget(double targetEpsilon) => new() { EpsilonError = Math.Min(0.01, targetEpsilon / 20) };
}
