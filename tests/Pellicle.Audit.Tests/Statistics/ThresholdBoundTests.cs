using Pellicle.Audit.Statistics;
using Pellicle.Core.Random;

namespace Pellicle.Audit.Tests.Statistics;

public sealed class ThresholdBoundTests
{
    private const double Delta = 1e-5;

    // 400 audits at 95 %: a bound above the truth may occur in at most 5 % of them. Binomial(400, 0.05) exceeds 34 with probability 0.2 %.
    [Theory]
    [Trait(Speed.Trait, Speed.Slow)]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(8)]
    public void The_bound_exceeds_the_true_epsilon_no_more_often_than_stated(double epsilon)
    {
        int above = Bounds(epsilon, units: 500, audits: 400).Count(bound => bound > epsilon);

        Assert.InRange(above, 0, 34);
    }

    // Teeth: mean bound over the true epsilon with 5000 members and 5000 non-members; measured with this seed MEASURED. At delta 1e-5 the best threshold
    // lies far out in the tail, where few units fall: this is what so many units can show, not a flaw of the mechanism.
    [Theory]
    [Trait(Speed.Trait, Speed.Slow)]
    [InlineData(4, 0.3)]
    [InlineData(8, 0.33)]
    public void The_bound_reaches_a_good_part_of_the_true_epsilon(double epsilon, double part)
    {
        double mean = Bounds(epsilon, units: 5000, audits: 40).Average();

        Assert.InRange(mean, part * epsilon, epsilon);
    }

    // With delta ignored and perfect separation the halves of 2000 allow ln(0.997/0.0037) or more; the spec asks for a bound above 5.
    [Fact]
    public void Full_memorisation_is_found()
    {
        var scores = new MembershipScores([.. Enumerable.Repeat(0.0, 2000)], [.. Enumerable.Repeat(-5.0, 2000)]);

        Assert.True(ThresholdBound.Epsilon(scores, Delta, 0.95, new SeededRandom(1)) > 5);
    }

    [Fact]
    public void No_difference_gives_no_bound_in_nearly_all_audits()
    {
        int positive = Bounds(epsilon: 0, units: 300, audits: 300).Count(bound => bound > 0);

        // 5 % of 300 = 15; Binomial(300, 0.05) exceeds 28 with probability below 0.1 %.
        Assert.InRange(positive, 0, 28);
    }

    [Fact]
    public void Too_few_units_show_nothing() =>
        Assert.Equal(0, ThresholdBound.Epsilon(new MembershipScores([1], [0, 0, 0]), Delta, 0.95, new SeededRandom(1)));

    private static IEnumerable<double> Bounds(double epsilon, int units, int audits)
    {
        double mu = epsilon == 0 ? 0 : GaussianMechanism.MuFor(epsilon, Delta);
        for (int audit = 0; audit < audits; audit++)
        {
            ISeededRandom random = new SeededRandom(2024).Derive("audit", (ulong)audit);
            var scores = new MembershipScores(GaussianMechanism.Outputs(units, mu, random), GaussianMechanism.Outputs(units, 0, random));
            yield return ThresholdBound.Epsilon(scores, Delta, 0.95, random.Derive("split"));
        }
    }
}
