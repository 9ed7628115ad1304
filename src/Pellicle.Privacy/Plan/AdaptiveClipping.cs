namespace Pellicle.Privacy.Plan;

/// <summary>Adaptive clipping bound: C ← C·exp(−η(b̃ − γ)) with the noised fraction b̃ of units below C (Andrew et al. 2021).</summary>
public sealed record AdaptiveClipping
{
    /// <summary>γ: wanted fraction of units below the bound, in (0, 1).</summary>
    public double TargetQuantile { get; init; } = 0.5;

    /// <summary>η above 0.</summary>
    public double LearningRate { get; init; } = 0.2;

    /// <summary>σ_b: standard deviation of the noise on the count, above half the noise multiplier.</summary>
    public double CountNoise { get; init; } = 10;

    /// <summary>Number of counts per step: 1, or the number of layers with per-layer bounds.</summary>
    public int Counts { get; init; } = 1;

    /// <summary>The bound of the next step, from the noised sum Σ(b_u − ½) of this one.</summary>
    /// <param name="maxGradNorm">C of this step.</param>
    /// <param name="noisedCount">Σ(b_u − ½) + N(0, σ_b²).</param>
    /// <param name="expectedBatchSize">L, the public divisor.</param>
    public double Next(double maxGradNorm, double noisedCount, double expectedBatchSize) =>
        maxGradNorm * Math.Exp(-LearningRate * (0.5 + noisedCount / expectedBatchSize - TargetQuantile));
}
