using Pellicle.Core.Random;
using Pellicle.Training.Metrics;

namespace Pellicle.Training.Tests.Metrics;

public sealed class BootstrapCoverageTests
{
    // Positives N(1, 1), negatives N(0, 1): the true area is Phi(1/sqrt 2) = 0.76025. 200 sets of 200 images; the count of covering intervals is binomial
    // with about 0.945 (percentile bootstrap): fewer than 178 has probability below 0.1 %, and exactly 200 below 0.01 %.
    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Area_intervals_cover_the_true_area_about_as_often_as_they_say()
    {
        const double truth = 0.76025;
        int covered = 0;
        for (int set = 0; set < 200; set++)
        {
            ISeededRandom random = new SeededRandom(42).Derive("set", (ulong)set);
            int[] labels = [.. Enumerable.Range(0, 200).Select(i => i % 2)];
            float[] one = [.. labels.Select(y => (float)(1 / (1 + Math.Exp(-(y + random.NextGaussian())))))];
            var predictions = new LabelledPredictions(labels, [.. one.SelectMany(p => new[] { 1 - p, p })], 2);
            covered += ClassificationMetrics.Compute(predictions, new MetricsOptions { BootstrapReplicates = 400, Seed = (ulong)set }).Intervals.Auc!.Value.Contains(truth) ? 1 : 0;
        }

        Assert.InRange(covered, 178, 199);
    }

    // The basic interval of NeuraCrypt's reference is 2·auc minus the percentiles of the same replicates; 5,000 of them lie closer than 1e-3 to each other there.
    [Fact]
    public void The_basic_interval_mirrors_the_percentiles_at_the_value()
    {
        ISeededRandom random = new SeededRandom(5);
        int[] labels = [.. Enumerable.Range(0, 120).Select(i => i % 3 == 0 ? 1 : 0)];
        float[] one = [.. labels.Select(y => (float)(1 / (1 + Math.Exp(-(y + random.NextGaussian())))))];
        var predictions = new LabelledPredictions(labels, [.. one.SelectMany(p => new[] { 1 - p, p })], 2);
        ClassificationMetrics basic = ClassificationMetrics.Compute(predictions, new MetricsOptions { BootstrapReplicates = 5000, Interval = IntervalKind.Basic });
        Interval percentiles = ClassificationMetrics.Compute(predictions, new MetricsOptions { BootstrapReplicates = 5000 }).Intervals.Auc!.Value;
        Assert.Equal((2 * basic.Auc!.Value) - percentiles.High, basic.Intervals.Auc!.Value.Low, 1e-3);
        Assert.Equal((2 * basic.Auc.Value) - percentiles.Low, basic.Intervals.Auc.Value.High, 1e-3);
        Assert.NotEqual(percentiles, basic.Intervals.Auc.Value);

        // Two of three images: most resamples have one class and are drawn again.
        var few = new LabelledPredictions([0, 1, 1], [0.6f, 0.4f, 0.3f, 0.7f, 0.7f, 0.3f], 2);
        Assert.NotNull(ClassificationMetrics.Compute(few, new MetricsOptions { BootstrapReplicates = 100, Interval = IntervalKind.Basic }).Intervals.Auc);
    }

    // Same simulation with the closed form; it must hold at small samples, where the bootstrap is weak.
    [Fact]
    public void The_closed_form_interval_of_the_area_covers_at_small_samples()
    {
        const double truth = 0.76025;
        int covered = 0;
        var random = new SeededRandom(77);
        for (int set = 0; set < 1000; set++)
        {
            double[] scores = [.. Enumerable.Range(0, 30).Select(i => i % 2 + random.NextGaussian())];
            bool[] positive = [.. Enumerable.Range(0, 30).Select(i => i % 2 == 1)];
            double area = new RankedScores(scores, positive).AreaUnderRoc()!.Value;
            covered += AucInterval.Of(area, 15, 15, 0.95).Contains(truth) ? 1 : 0;
        }

        // Binomial(1000, 0.95) leaves 925 … 975 with probability below 0.1 %.
        Assert.InRange(covered, 925, 980);
    }
}
