using Pellicle.Core.Random;
using Pellicle.Training.Metrics;

namespace Pellicle.Training.Tests.Metrics;

public sealed class RocCurveTests
{
    [Fact]
    public void Trapezoid_area_equals_the_midrank_statistic_with_many_ties()
    {
        var random = new SeededRandom(4);
        double[] scores = [.. Enumerable.Range(0, 500).Select(_ => (double)random.NextInt(20))];
        bool[] positive = [.. scores.Select(s => random.NextInt(30) < s)];
        var ranked = new RankedScores(scores, positive);

        Assert.Equal(ranked.AreaUnderRoc()!.Value, ranked.Roc()!.Area, 12);
    }

    [Fact]
    public void Weights_count_images_as_if_they_were_repeated()
    {
        double[] scores = [1, 2, 2, 3, 4];
        bool[] positive = [false, true, false, false, true];
        int[] weights = [2, 0, 3, 1, 2];
        var repeated = Enumerable.Range(0, 5).SelectMany(i => Enumerable.Repeat(i, weights[i])).ToArray();

        double? weighted = new RankedScores(scores, positive).AreaUnderRoc(weights);
        double? direct = new RankedScores([.. repeated.Select(i => scores[i])], [.. repeated.Select(i => positive[i])]).AreaUnderRoc();

        Assert.Equal(direct, weighted);
    }

    [Fact]
    public void The_rate_at_a_false_positive_rate_is_not_interpolated()
    {
        RocCurve roc = new RankedScores([5, 4, 3, 2, 1], [true, false, true, true, false]).Roc()!;

        Assert.Equal(1.0 / 3, roc.TruePositiveRateAt(0.499), 12);
        Assert.Equal(1, roc.TruePositiveRateAt(0.5), 12);
        Assert.Equal(1.0 / 3, roc.TruePositiveRateAt(0), 12);
        Assert.Equal(0.5, roc.Advantage, 12);
    }

    [Fact]
    public void A_thinned_curve_keeps_its_ends_and_its_area()
    {
        var random = new SeededRandom(11);
        double[] scores = [.. Enumerable.Range(0, 20_000).Select(i => i % 2 * 0.5 + random.NextGaussian())];
        RocCurve roc = new RankedScores(scores, [.. Enumerable.Range(0, 20_000).Select(i => i % 2 == 1)]).Roc()!;

        IReadOnlyList<RocPoint> thin = roc.Thinned(200);

        Assert.InRange(thin.Count, 50, 220);
        Assert.Equal(new RocPoint(0, 0), thin[0]);
        Assert.Equal(new RocPoint(1, 1), thin[^1]);
        Assert.Equal(roc.Area, new RocCurve(thin, roc.Positives, roc.Negatives).Area, 0.005);
        Assert.Contains(thin, p => p.Fpr is > 0 and < 0.002);
    }

    [Fact]
    public void One_class_only_has_no_curve()
    {
        Assert.Null(new RankedScores([1, 2], [true, true]).Roc());
        Assert.Null(new RankedScores([], []).Roc());
    }
}
