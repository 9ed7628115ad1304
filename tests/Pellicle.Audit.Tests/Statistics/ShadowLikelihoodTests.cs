using Pellicle.Audit.Statistics;
using Pellicle.Core.Random;

namespace Pellicle.Audit.Tests.Statistics;

public sealed class ShadowLikelihoodTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.001)]
    [InlineData(0.999)]
    public void Confidence_is_the_logit_of_the_probability(double p) => Assert.Equal(Math.Log(p / (1 - p)), LogitConfidence.OfLoss(-Math.Log(p)), 1e-9);

    [Fact]
    public void Confidence_of_certain_models_is_finite_and_keeps_its_order()
    {
        Assert.Equal(LogitConfidence.Largest, LogitConfidence.OfLoss(0));
        Assert.Equal(-LogitConfidence.Largest, LogitConfidence.OfLoss(double.PositiveInfinity));
        Assert.Equal(-LogitConfidence.Largest, LogitConfidence.OfLoss(double.NaN));
        // For small losses the logit is −ln ℓ: a plain 1 − e^−ℓ would be 0 below 1e-16.
        Assert.Equal(-Math.Log(1e-12), LogitConfidence.OfLoss(1e-12), 1e-9);
        Assert.True(LogitConfidence.OfLoss(1e-16) > LogitConfidence.OfLoss(1e-15));
    }

    [Fact]
    public void Scores_are_those_of_the_formula_with_pooled_variance()
    {
        // One unit, in: 3, 5 (mean 4, sum of squares 2); out: −1, 1 (mean 0, sum of squares 2): pooled variances 2 and 2.
        double[][] shadows = [[3], [5], [-1], [1]];
        bool[][] isIn = [[true], [true], [false], [false]];

        // −(3−4)²/4 + 3²/4 = 2
        Assert.Equal(2, ShadowLikelihood.Online([3], shadows, isIn)[0], 1e-9);
        Assert.Equal(3 / Math.Sqrt(2), ShadowLikelihood.Offline([3], shadows, isIn)[0], 1e-9);
    }

    [Fact]
    public void A_unit_needs_two_models_with_it_and_two_without() =>
        Assert.Throws<ArgumentException>(() => ShadowLikelihood.Online([0], [[1], [2], [3]], [[true], [false], [false]]));

    // Units of very different difficulty: a threshold on the confidence alone confuses hard members with easy strangers, LiRA does not.
    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    public void LiRA_separates_units_that_a_common_threshold_confuses(int models)
    {
        ISeededRandom random = new SeededRandom(5);
        const int Units = 400;
        double[] difficulty = [.. Enumerable.Range(0, Units).Select(_ => 5 * random.NextGaussian())];
        bool[][] isIn = [.. Enumerable.Range(0, models).Select(s => Enumerable.Range(0, Units).Select(u => ((u / 2) + s) % 2 == 0).ToArray())];
        double Seen(int unit, bool member) => difficulty[unit] + (member ? 2 : 0) + random.NextGaussian();
        double[][] shadows = [.. isIn.Select(row => Enumerable.Range(0, Units).Select(u => Seen(u, row[u])).ToArray())];
        double[] target = [.. Enumerable.Range(0, Units).Select(u => Seen(u, u < Units / 2))];

        double Auc(double[] scores) => AttackStatistics.Describe("x", new MembershipScores(scores[..(Units / 2)], scores[(Units / 2)..]), 0, 0.95, "", 0).Auc!.Value;

        // Gaussians 2 apart with unit variance have area Φ(2/√2) = 0.92; estimated means cost a little. 200 a side: standard error 0.014.
        Assert.InRange(Auc(ShadowLikelihood.Online(target, shadows, isIn)), 0.86, 0.97);
        Assert.InRange(Auc(ShadowLikelihood.Offline(target, shadows, isIn)), 0.86, 0.97);
        Assert.InRange(Auc(target), 0.5, 0.72);
    }
}
