namespace Pellicle.Training.Metrics;

/// <summary>Confidence interval of an area under a ROC curve that stays sensible at 0 and 1.</summary>
/// <remarks>Newcombe 2006, "Confidence intervals for an effect size measure based on the Mann–Whitney statistic. Part 2", method 5:
/// all θ with (θ̂ − θ)² ≤ z²·V(θ), V(θ) = θ(1 − θ)·(1 + N*·(1 − θ)/(2 − θ) + N*·θ/(1 + θ))/(m·n), N* = (m + n)/2 − 1.</remarks>
public static class AucInterval
{
    /// <summary>The two-sided interval.</summary>
    /// <param name="auc">Observed area θ̂ in [0, 1].</param>
    /// <param name="positives">m, at least 1.</param>
    /// <param name="negatives">n, at least 1.</param>
    /// <param name="confidence">In (0, 1), such as 0.95.</param>
    public static Interval Of(double auc, int positives, int negatives, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(positives, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(negatives, 1);
        double z = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (1 + confidence) / 2);
        double balanced = (positives + (double)negatives) / 2 - 1;
        double product = (double)positives * negatives;

        bool Inside(double theta)
        {
            double variance = theta * (1 - theta) * (1 + balanced * (1 - theta) / (2 - theta) + balanced * theta / (1 + theta)) / product;
            return (auc - theta) * (auc - theta) <= z * z * variance;
        }

        return new Interval(Edge(auc, 0, Inside), Edge(auc, 1, Inside));
    }

    private static double Edge(double inside, double outside, Func<double, bool> isInside)
    {
        for (int i = 0; i < 60; i++)
        {
            double middle = (inside + outside) / 2;
            if (isInside(middle))
            {
                inside = middle;
            }
            else
            {
                outside = middle;
            }
        }

        return inside;
    }
}
