using Pellicle.Audit.Statistics;

namespace Pellicle.Audit.Tests.Statistics;

public sealed class EpsilonFromRatesTests
{
    [Fact]
    public void The_direct_form_is_the_log_ratio_less_delta() =>
        Assert.Equal(Math.Log((0.4 - 0.01) / 0.02), EpsilonFromRates.LowerBound(0.4, 0.02, 0.01), 12);

    [Fact]
    public void The_mirrored_form_wins_where_almost_all_members_are_caught() =>
        Assert.Equal(Math.Log((1 - 0.5) / (1 - 0.99)), EpsilonFromRates.LowerBound(0.99, 0.5, 0), 12);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.3, 0.5)]
    [InlineData(1e-6, 1)]
    public void Rates_that_show_nothing_give_zero(double tpr, double fpr) => Assert.Equal(0, EpsilonFromRates.LowerBound(tpr, fpr, 1e-5));

    // With a true rate on the boundary of (epsilon, 0)-privacy: tpr = e^eps · fpr. Each audit draws both counts; 2000 audits at 95 %:
    // Binomial(2000, 0.05) exceeds 131 with probability below 0.1 %.
    [Fact]
    public void At_a_fixed_threshold_the_bound_holds_with_the_stated_confidence()
    {
        const double epsilon = 1.5;
        const double fpr = 0.05;
        double tpr = Math.Exp(epsilon) * fpr;
        var random = new Core.Random.SeededRandom(12);
        int above = 0;
        for (int audit = 0; audit < 2000; audit++)
        {
            int tp = Enumerable.Range(0, 300).Count(_ => Core.Random.SeededRandomExtensions.NextDouble(random) < tpr);
            int fp = Enumerable.Range(0, 300).Count(_ => Core.Random.SeededRandomExtensions.NextDouble(random) < fpr);
            above += EpsilonFromRates.LowerBound(tp, 300, fp, 300, 0, 0.95) > epsilon ? 1 : 0;
        }

        Assert.InRange(above, 0, 131);
    }

    [Theory]
    [InlineData(-0.1, 0.5, 0)]
    [InlineData(0.5, 1.1, 0)]
    [InlineData(0.5, 0.5, double.NaN)]
    public void Numbers_that_are_no_probabilities_are_refused(double tpr, double fpr, double delta) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => EpsilonFromRates.LowerBound(tpr, fpr, delta));
}
