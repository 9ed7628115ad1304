using Pellicle.Training.Metrics;

namespace Pellicle.Training.Tests.Metrics;

public sealed class ClopperPearsonTests
{
    // Bisection on exact binomial sums in 60-digit decimals.
    [Theory]
    [InlineData(7, 10, 0.3475471499400027, 0.9332604888222654)]
    [InlineData(1, 1000, 2.531748749129404e-05, 0.005558924279826672)]
    [InlineData(0, 50, 0, 0.07112173646419766)]
    [InlineData(499, 500, 0.9889075231010311, 0.9999493656659926)]
    public void Bounds_agree_with_exact_binomial_sums(int successes, int trials, double low, double high)
    {
        Interval interval = ClopperPearson.TwoSided(successes, trials, 0.95);

        Assert.Equal(low, interval.Low, 1e-11);
        Assert.Equal(high, interval.High, 1e-11);
    }

    [Fact]
    public void Without_trials_nothing_is_known()
    {
        Assert.Equal(new Interval(0, 1), ClopperPearson.TwoSided(0, 0, 0.95));
    }

    [Theory]
    [InlineData(0, 100_000)]
    [InlineData(3, 100_000)]
    [InlineData(50_000, 100_000)]
    [InlineData(99_999, 100_000)]
    public void Large_samples_give_bounds_on_both_sides_of_the_share(int successes, int trials)
    {
        Interval interval = ClopperPearson.TwoSided(successes, trials, 0.95);

        double share = (double)successes / trials;
        Assert.True(interval.Low <= share && share <= interval.High);
        Assert.InRange(interval.High - interval.Low, 1e-6, 0.01);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_confidence_outside_zero_and_one_is_refused(double confidence) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ClopperPearson.LowerBound(1, 2, confidence));
}
