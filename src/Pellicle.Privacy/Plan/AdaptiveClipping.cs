namespace Pellicle.Privacy.Plan;

/// <summary>Adaptive clipping bound: C ← C·exp(−η(b̃ − γ)) with the noised fraction b̃ of units below C (Andrew et al. 2021).</summary>
public sealed record AdaptiveClipping
{
    // Far beyond any useful bound; keeps the sums within what float32 and the noise grid can hold.
    private const double SmallestBound = 1e-9;
    private const double LargestBound = 1e9;

    /// <summary>γ: wanted fraction of units below the bound, in (0, 1).</summary>
    public double TargetQuantile { get; init; } = 0.5;

    /// <summary>η above 0.</summary>
    public double LearningRate { get; init; } = 0.2;

    /// <summary>σ_b: standard deviation of the noise on each count, above half the noise multiplier times the root of the number of counts. Null lets the
    /// plan choose: L/20 as in the paper, but never so little that the counts take more than a quarter of a step's cost.</summary>
    public double? CountNoise { get; init; }

    /// <summary>The count noise that a plan uses where none is given.</summary>
    /// <param name="expectedBatchSize">L.</param>
    /// <param name="noiseMultiplier">Largest noise multiplier of an event, gradient and counts together.</param>
    /// <param name="counts">Counts per step.</param>
    public static double DefaultCountNoise(double expectedBatchSize, double noiseMultiplier, int counts) =>
        Math.Max(expectedBatchSize / 20, noiseMultiplier * Math.Sqrt(counts));

    /// <summary>The bound of the next step, from the noised sum Σ(b_u − ½) of this one.</summary>
    /// <param name="maxGradNorm">C of this step.</param>
    /// <param name="noisedCount">Σ(b_u − ½) + N(0, σ_b²).</param>
    /// <param name="expectedBatchSize">L, the public divisor.</param>
    public double Next(double maxGradNorm, double noisedCount, double expectedBatchSize) =>
        Math.Clamp(maxGradNorm * Math.Exp(-LearningRate * (0.5 + noisedCount / expectedBatchSize - TargetQuantile)), SmallestBound, LargestBound);
}
