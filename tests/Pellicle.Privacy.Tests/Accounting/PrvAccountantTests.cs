using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Tests.Accounting;

public class PrvAccountantTests
{
    private static PrivacyHistory Steps(double q, double noise, long steps) => PrivacyHistory.Of(MechanismEvent.Poisson(q, noise), steps);

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(1, 4)]
    [InlineData(5, 3)]
    public void Numerical_composition_of_nearly_plain_Gaussians_encloses_the_closed_form(double noise, long steps)
    {
        // q just below 1 takes the numerical path; the profile differs from the plain one by less than 1e-9.
        EpsilonResult numerical = new PrvAccountant().Epsilon(Steps(1 - 1e-12, noise, steps), 1e-5);
        double exact = GaussianProfile.Epsilon(Math.Sqrt(steps) / noise, 1e-5);
        Assert.InRange(exact, numerical.Lower!.Value, numerical.Epsilon);
        Assert.Equal(exact, numerical.Estimate!.Value, 2e-4);
        Assert.NotEqual(BoundKind.Exact, numerical.Bound);
    }

    [Fact]
    public void Plain_Gaussians_are_answered_exactly()
    {
        EpsilonResult result = new PrvAccountant().Epsilon(Steps(1, 50, 1000), 1e-5);
        Assert.Equal(BoundKind.Exact, result.Bound);
        Assert.Equal(2.5944, result.Epsilon, 1e-4);
        Assert.Equal(result.Epsilon, result.Lower);
    }

    [Fact]
    public void Rounding_every_loss_up_never_gives_less_than_the_truth()
    {
        var accountant = new PrvAccountant();
        foreach ((double q, double noise, long steps) in new[] { (0.01, 1.0, 2L), (0.01, 1.0, 100L), (0.2, 2.0, 30L), (0.001, 0.6, 50L) })
        {
            EpsilonResult result = accountant.Epsilon(Steps(q, noise, steps), 1e-5);
            double pessimistic = accountant.PessimisticEpsilon(Steps(q, noise, steps), 1e-5);
            Assert.True(pessimistic >= result.Lower);
            // The estimate is off by a few 1e-4 at most; rounding up must not fall below it by more.
            Assert.True(pessimistic >= result.Estimate - 5e-4, $"{pessimistic} < {result.Estimate}");
            double fine = accountant.PessimisticEpsilon(Steps(q, noise, steps), 1e-5, 1e-4);
            Assert.True(fine <= pessimistic + 1e-9);
            Assert.True(fine >= result.Estimate - 5e-4);
        }
    }

    [Fact]
    public void With_few_steps_the_pessimistic_bound_is_the_smaller_one_and_is_named() =>
        Assert.Equal(BoundKind.PessimisticPld, new PrvAccountant().Epsilon(Steps(0.01, 1, 2), 1e-5).Bound);

    [Fact]
    public void A_memory_limit_widens_the_stated_error_instead_of_failing()
    {
        var small = new PrvAccountant(new PrvOptions { MemoryLimitBytes = 1 << 20 });
        EpsilonResult coarse = small.Epsilon(Steps(0.05, 0.8, 1000), 1e-5);
        Assert.True(coarse.EpsilonError > 0.02);
        Assert.Contains(coarse.Notes, n => n.Contains("coarser", StringComparison.Ordinal));
        Assert.InRange(17.58074, coarse.Lower!.Value, coarse.Epsilon);
    }

    [Theory]
    [InlineData(0.3, 0.05, 1)]
    [InlineData(0.5, 0.3, 2000)]
    [InlineData(1e-7, 0.2, 100000)]
    [InlineData(0.9, 100, 3)]
    [InlineData(1e-4, 4, 1)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Extreme_settings_give_ordered_bounds_that_Renyi_does_not_contradict(double q, double noise, long steps)
    {
        EpsilonResult result = new PrvAccountant(new PrvOptions { MemoryLimitBytes = 8 << 20 }).Epsilon(Steps(q, noise, steps), 1e-6);
        Assert.True(double.IsFinite(result.Epsilon));
        Assert.True(result.Lower <= result.Estimate && result.Estimate <= result.Epsilon);
        Assert.True(new RdpAccountant().Epsilon(Steps(q, noise, steps), 1e-6).Epsilon >= result.Lower);
    }

    [Fact]
    public void A_delta_near_the_rounding_of_the_transform_falls_back_to_Renyi()
    {
        EpsilonResult result = new PrvAccountant().Epsilon(Steps(0.01, 1, 100_000), 1e-12);
        Assert.Equal(BoundKind.Rdp, result.Bound);
        Assert.Equal(new RdpAccountant().Epsilon(Steps(0.01, 1, 100_000), 1e-12).Epsilon, result.Epsilon, 1e-9);
    }

    [Fact]
    public void Both_directions_are_composed_and_the_larger_one_counts()
    {
        // Direction "add" is the smaller one in every reference row; the answer must be that of "remove".
        EpsilonResult result = new PrvAccountant().Epsilon(Steps(0.01, 1, 1000), 1e-5);
        Assert.Equal(1.82824, result.Estimate!.Value, 1e-3);
        Assert.True(result.Estimate > 1.41667 + 0.1);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Many_phases_are_merged_to_a_bound_that_still_holds()
    {
        var phases = Enumerable.Range(0, 60).Select(i => new PrivacyPhase(MechanismEvent.Poisson(0.01, 1 + 0.01 * i), 5)).ToList();
        EpsilonResult merged = new PrvAccountant().Epsilon(PrivacyHistory.Of(phases), 1e-5);
        double most = new PrvAccountant().Epsilon(Steps(0.01, 1, 300), 1e-5).Epsilon;
        double least = new PrvAccountant().Epsilon(Steps(0.01, 1.59, 300), 1e-5).Lower!.Value;
        Assert.InRange(merged.Epsilon, least, most);
        Assert.Null(merged.Lower);
        Assert.Contains(merged.Notes, n => n.Contains("merged", StringComparison.Ordinal));
        Assert.True(merged.Epsilon <= new RdpAccountant().Epsilon(PrivacyHistory.Of(phases), 1e-5).Epsilon);
    }
}
