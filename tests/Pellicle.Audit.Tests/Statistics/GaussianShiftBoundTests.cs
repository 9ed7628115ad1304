using Pellicle.Audit.Statistics;
using Pellicle.Core.Random;

namespace Pellicle.Audit.Tests.Statistics;

public sealed class GaussianShiftBoundTests
{
    private const double Delta = 1e-5;

    // 400 audits at 95 %: Binomial(400, 0.05) exceeds 34 with probability 0.2 %.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    public void The_bound_exceeds_the_true_epsilon_no_more_often_than_stated(double epsilon)
    {
        int above = Bounds(epsilon, scores: 300, audits: 400).Count(bound => bound.EpsilonLowerBound > epsilon + 1e-9);

        Assert.InRange(above, 0, 34);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public void Two_thousand_scores_a_side_show_more_than_half_of_the_true_epsilon(double epsilon)
    {
        double mean = Bounds(epsilon, scores: 2000, audits: 40).Average(bound => bound.EpsilonLowerBound);

        Assert.InRange(mean, 0.5 * epsilon, epsilon);
    }

    [Fact]
    public void Scores_without_any_spread_show_what_perfect_separation_of_so_many_can_show()
    {
        GaussianShiftBound bound = GaussianShiftBound.Of(new MembershipScores(new double[500].Select(_ => 1.0).ToArray(), new double[500]), Delta, 0.95);

        Assert.Null(bound.Mu);
        // Clopper–Pearson: 0 of 500 excludes rates above 1 − 0.025^(1/500) = 0.0074, so μ is at least 2·2.44.
        Assert.Equal(2 * 2.44, bound.MuLow, 0.02);
        Assert.True(bound.EpsilonLowerBound > 5);
    }

    [Fact]
    public void However_large_the_shift_the_bound_stays_within_what_the_number_of_scores_can_show()
    {
        ISeededRandom random = new SeededRandom(3);
        double Shown(double shift) => GaussianShiftBound.Of(new MembershipScores(GaussianMechanism.Outputs(500, shift, random), GaussianMechanism.Outputs(500, 0, random)), Delta, 0.95).MuLow;

        Assert.Equal(Shown(50), Shown(500), 1e-9);
    }

    [Fact]
    public void Too_few_scores_and_a_shift_in_the_wrong_direction_show_nothing()
    {
        Assert.Equal(0, GaussianShiftBound.Of(new MembershipScores(new double[19].Select(_ => 9.0).ToArray(), new double[400]), Delta, 0.95).EpsilonLowerBound);
        ISeededRandom random = new SeededRandom(4);
        Assert.Equal(0, GaussianShiftBound.Of(new MembershipScores(GaussianMechanism.Outputs(400, -3, random), GaussianMechanism.Outputs(400, 0, random)), Delta, 0.95).EpsilonLowerBound);
    }

    private static IEnumerable<GaussianShiftBound> Bounds(double epsilon, int scores, int audits)
    {
        double mu = epsilon == 0 ? 0 : GaussianMechanism.MuFor(epsilon, Delta);
        for (int audit = 0; audit < audits; audit++)
        {
            ISeededRandom random = new SeededRandom(77).Derive("audit", (ulong)audit);
            yield return GaussianShiftBound.Of(new MembershipScores(GaussianMechanism.Outputs(scores, mu, random), GaussianMechanism.Outputs(scores, 0, random)), Delta, 0.95);
        }
    }
}
