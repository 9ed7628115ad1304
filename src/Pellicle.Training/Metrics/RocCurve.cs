namespace Pellicle.Training.Metrics;

/// <summary>One corner of a ROC curve.</summary>
/// <param name="Fpr">False positive rate in [0, 1].</param>
/// <param name="Tpr">True positive rate in [0, 1].</param>
public readonly record struct RocPoint(double Fpr, double Tpr);

/// <summary>A ROC curve: true positive rate against false positive rate over all thresholds, from strict to lax.</summary>
/// <param name="points">Corners from (0, 0) to (1, 1), both rates non-decreasing.</param>
/// <param name="positives">Number of positives, at least 1.</param>
/// <param name="negatives">Number of negatives, at least 1.</param>
public sealed class RocCurve(IReadOnlyList<RocPoint> points, int positives, int negatives)
{
    /// <summary>Corners from (0, 0) to (1, 1), both rates non-decreasing.</summary>
    public IReadOnlyList<RocPoint> Points { get; } = points;

    /// <summary>Number of positives.</summary>
    public int Positives { get; } = positives;

    /// <summary>Number of negatives.</summary>
    public int Negatives { get; } = negatives;

    /// <summary>Area by trapezoids, equal to the midrank statistic.</summary>
    public double Area
    {
        get
        {
            double area = 0;
            for (int i = 1; i < Points.Count; i++)
            {
                area += (Points[i].Fpr - Points[i - 1].Fpr) * (Points[i].Tpr + Points[i - 1].Tpr) / 2;
            }

            return area;
        }
    }

    /// <summary>Largest difference of true and false positive rate over all thresholds (Youden's J; the advantage of a membership attack, Yeom et al. 2018).</summary>
    public double Advantage => Points.Max(point => point.Tpr - point.Fpr);

    /// <summary>True positive rate at the laxest threshold whose observed false positive rate is at most the given one. Nothing is interpolated: no threshold between two scores exists.</summary>
    /// <param name="falsePositiveRate">In [0, 1].</param>
    public double TruePositiveRateAt(double falsePositiveRate)
    {
        double best = 0;
        foreach (RocPoint point in Points)
        {
            if (point.Fpr > falsePositiveRate)
            {
                break;
            }

            best = point.Tpr;
        }

        return best;
    }

    /// <summary>A subset of the corners that draws the same on linear and logarithmic axes: at most about the given number, ends kept.</summary>
    /// <param name="most">At least 10.</param>
    public IReadOnlyList<RocPoint> Thinned(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 10);
        if (Points.Count <= most)
        {
            return Points;
        }

        // A corner is kept if it lies at least one step from the last one kept, on the linear or on the logarithmic scale of either rate.
        double logRange = Math.Log(Negatives) + Math.Log(Positives);
        double step = (logRange + 2) / most * 2;
        var kept = new List<RocPoint> { Points[0] };
        for (int i = 1; i < Points.Count - 1; i++)
        {
            RocPoint last = kept[^1];
            double distance = Points[i].Fpr - last.Fpr + Points[i].Tpr - last.Tpr
                + LogDistance(last.Fpr, Points[i].Fpr, Negatives) + LogDistance(last.Tpr, Points[i].Tpr, Positives);
            if (distance >= step)
            {
                kept.Add(Points[i]);
            }
        }

        kept.Add(Points[^1]);
        return kept;
    }

    private static double LogDistance(double from, double to, int count) => Math.Log(Math.Max(to, 0.5 / count) / Math.Max(from, 0.5 / count));
}
