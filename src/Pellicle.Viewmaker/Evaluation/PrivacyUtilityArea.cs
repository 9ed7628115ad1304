namespace Pellicle.Viewmaker.Evaluation;

/// <summary>Area under the privacy–utility curve of a method: the best task AUC within a limit on leakage, averaged over all limits from 0.5 to 1.</summary>
/// <param name="Name">"generator", or a baseline.</param>
/// <param name="Points">Number of its points.</param>
/// <param name="Area">0.5 (nothing of the task is left wherever something is hidden) to 1 (the whole task without leakage).</param>
public sealed record PrivacyUtilityArea(string Name, int Points, double Area)
{
    private const double Guessing = 0.5;

    /// <summary>Areas of all methods.</summary>
    /// <param name="points">Their points, in any order.</param>
    /// <returns>In the order in which the methods appear.</returns>
    public static IReadOnlyList<PrivacyUtilityArea> Of(IReadOnlyList<BaselinePoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return [.. points.GroupBy(point => point.Name).Select(own => new PrivacyUtilityArea(own.Key, own.Count(), AreaOf([.. own.OrderBy(point => point.WorstLeakage)])))];
    }

    // A staircase: below the least leakage of the method only guessing is to be had.
    private static double AreaOf(BaselinePoint[] rising)
    {
        double area = 0, best = Guessing, from = Guessing;
        foreach (BaselinePoint point in rising)
        {
            double at = Math.Clamp(point.WorstLeakage, Guessing, 1);
            area += (at - from) * best;
            (from, best) = (at, Math.Max(best, point.TaskAuc));
        }

        return (area + ((1 - from) * best)) / (1 - Guessing);
    }
}
