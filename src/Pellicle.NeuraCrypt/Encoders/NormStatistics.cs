namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>Mean and biased variance of one norm, per channel. They describe private images, so they live inside the sealed key only.</summary>
/// <param name="Mean">[hidden · w].</param>
/// <param name="Variance">[hidden · w], at least 0.</param>
public sealed record NormStatistics(double[] Mean, double[] Variance)
{
    /// <summary>Added to the variance, as in the reference.</summary>
    public const double Epsilon = 1e-5;

    /// <summary>Size only: the values are secret.</summary>
    public override string ToString() => $"NormStatistics ({Mean.Length} channels)";
}
