using MathNet.Numerics.Distributions;

namespace Pellicle.Audit.Statistics;

/// <summary>Membership scores from shadow models: how the audited model's confidence in a unit compares with that of models that were, or were not, trained on it.</summary>
/// <remarks>Carlini, Chien, Nasr, Song, Terzis, Tramèr 2022, algorithm 1. One Gaussian per unit and side. With fewer than 32 models a side the variance
/// of single units cannot be estimated well, and one variance is pooled over all units (their section VI.B).</remarks>
public static class ShadowLikelihood
{
    /// <summary>From this many models a side, each unit has its own variance.</summary>
    public const int OwnVarianceFrom = 32;

    // Pooled variances of exactly zero occur only when all shadow models agree to the last bit.
    private const double SmallestVariance = 1e-12;

    /// <summary>Online: ln N(φ; μ_in, σ_in²) − ln N(φ; μ_out, σ_out²).</summary>
    /// <param name="target">Confidence of the audited model in each unit [n].</param>
    /// <param name="shadows">Confidence of each shadow model in each unit [N][n].</param>
    /// <param name="isIn">Whether the shadow model was trained on the unit [N][n]; each unit at least twice in and twice out.</param>
    /// <returns>Higher means "was in the training data" [n].</returns>
    public static double[] Online(IReadOnlyList<double> target, IReadOnlyList<IReadOnlyList<double>> shadows, IReadOnlyList<IReadOnlyList<bool>> isIn)
    {
        ArgumentNullException.ThrowIfNull(target);
        Gaussians inside = Fit(shadows, isIn, side: true, target.Count);
        Gaussians outside = Fit(shadows, isIn, side: false, target.Count);
        return [.. target.Select((value, u) => LogDensity(value, inside.Means[u], inside.Variances[u]) - LogDensity(value, outside.Means[u], outside.Variances[u]))];
    }

    /// <summary>Offline: how far the confidence lies above that of models that were not trained on the unit, in their standard deviations; grows with 1 − P[N(μ_out, σ_out²) &gt; φ].</summary>
    /// <param name="target">Confidence of the audited model in each unit [n].</param>
    /// <param name="shadows">Confidence of each shadow model in each unit [N][n].</param>
    /// <param name="isIn">Whether the shadow model was trained on the unit [N][n]; only the others are used.</param>
    /// <returns>Higher means "was in the training data" [n].</returns>
    public static double[] Offline(IReadOnlyList<double> target, IReadOnlyList<IReadOnlyList<double>> shadows, IReadOnlyList<IReadOnlyList<bool>> isIn)
    {
        ArgumentNullException.ThrowIfNull(target);
        Gaussians outside = Fit(shadows, isIn, side: false, target.Count);
        return [.. target.Select((value, u) => (value - outside.Means[u]) / Math.Sqrt(outside.Variances[u]))];
    }

    private static double LogDensity(double value, double mean, double variance) => Normal.PDFLn(mean, Math.Sqrt(variance), value);

    private static Gaussians Fit(IReadOnlyList<IReadOnlyList<double>> shadows, IReadOnlyList<IReadOnlyList<bool>> isIn, bool side, int units)
    {
        ArgumentNullException.ThrowIfNull(shadows);
        ArgumentNullException.ThrowIfNull(isIn);
        var means = new double[units];
        var squares = new double[units];
        var counts = new int[units];
        for (int u = 0; u < units; u++)
        {
            double[] values = [.. Enumerable.Range(0, shadows.Count).Where(s => isIn[s][u] == side).Select(s => shadows[s][u])];
            if (values.Length < 2)
            {
                throw new ArgumentException($"unit {u} has {values.Length} shadow models with it {(side ? "in" : "out")}; expected at least 2", nameof(isIn));
            }

            means[u] = values.Average();
            squares[u] = values.Sum(value => (value - means[u]) * (value - means[u]));
            counts[u] = values.Length;
        }

        double pooled = squares.Sum() / counts.Sum(count => count - 1);
        double[] variances = [.. squares.Select((sum, u) => Math.Max(SmallestVariance, counts[u] >= OwnVarianceFrom ? sum / (counts[u] - 1) : pooled))];
        return new Gaussians(means, variances);
    }

    private sealed record Gaussians(double[] Means, double[] Variances);
}
