using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Tests.Accounting;

public class NoiseCalibrationTests
{
    private static NoisePhase Phase(double q, long steps, double factor = 1) => new(SamplingKind.Poisson, q, factor, steps);

    // Product specification, section 6, walk A: delta 1e-5, rdp, to 0.01 in epsilon.
    [Theory]
    [InlineData(5918, 232, 8, 0.805)]
    [InlineData(5918, 463, 8, 0.926)]
    [InlineData(5918, 694, 8, 1.024)]
    [InlineData(5918, 232, 3, 1.304)]
    [InlineData(5918, 463, 3, 1.630)]
    [InlineData(5918, 694, 3, 1.903)]
    [InlineData(5918, 232, 1, 2.877)]
    [InlineData(5918, 463, 1, 3.918)]
    [InlineData(5918, 694, 1, 4.736)]
    [InlineData(7007, 822, 8, 0.973)]
    [InlineData(7007, 822, 3, 1.770)]
    public void Rdp_noise_equals_the_planning_table_to_0_01_in_epsilon(long n, long steps, double target, double noise)
    {
        var accountant = new RdpAccountant(orders: RdpOrders.Common);
        NoiseSearchResult found = NoiseCalibration.NoiseFor(accountant, target, 1e-5, [Phase(256.0 / n, steps)]);
        Assert.InRange(found.Result.Epsilon, target - 0.001, target);
        Assert.Equal(noise, found.NoiseMultiplier, 0.001 * noise + 0.0005); // the table has three decimals; epsilon moves by 0.001
        Assert.Equal(target, accountant.Epsilon(PrivacyHistory.Of(Phase(256.0 / n, steps).At(noise).Event, steps), 1e-5).Epsilon, 0.012);
    }

    [Theory]
    [InlineData(0.8, 12.29)]
    [InlineData(1.0, 7.58)]
    [InlineData(1.1, 6.32)]
    [InlineData(1.5, 3.80)]
    public void Rdp_epsilon_equals_the_planning_table(double noise, double epsilon) =>
        Assert.Equal(epsilon, new RdpAccountant(orders: RdpOrders.Common).Epsilon(PrivacyHistory.Of(MechanismEvent.Poisson(256.0 / 7007, noise), 822), 1e-5).Epsilon, 0.01);

    [SharedFact(ReferenceRow.File)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Noise_searches_of_the_reference_table_meet_their_targets_and_agree_by_epsilon()
    {
        foreach (JsonElement entry in ReferenceRow.Root.GetProperty("noise_search").EnumerateArray())
        {
            string name = entry.GetProperty("accountant").GetString()!;
            PrivacyAccountant accountant = name switch { "rdp" => new RdpAccountant(orders: RdpOrders.Common), "prv" => new PrvAccountant(), _ => new GdpAccountant() };
            double target = entry.GetProperty("target_eps").GetDouble();
            double delta = entry.GetProperty("delta").GetDouble();
            NoisePhase phase = Phase(entry.GetProperty("sample_rate").GetDouble(), entry.GetProperty("steps").GetInt64());
            NoiseSearchResult found = NoiseCalibration.NoiseFor(accountant, target, delta, [phase]);
            Assert.InRange(found.Result.Epsilon, target - 0.001, target);
            if (entry.GetProperty("noise_multiplier").ValueKind == JsonValueKind.Number)
            {
                double noise = entry.GetProperty("noise_multiplier").GetDouble();
                double peer = accountant.Epsilon(PrivacyHistory.Of([phase.At(noise)]), delta).Epsilon;
                Assert.InRange(peer, target - entry.GetProperty("eps_tolerance").GetDouble() - 0.002, target + 0.002);
            }
        }
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(100)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Noise_is_found_for_targets_from_0_01_to_100(double target)
    {
        foreach (PrivacyAccountant accountant in new PrivacyAccountant[] { new RdpAccountant(), new PrvAccountant(PrvOptions.ForTarget(target)) })
        {
            NoiseSearchResult found = NoiseCalibration.NoiseFor(accountant, target, 1e-5, [Phase(0.02, 300)]);
            Assert.True(found.Result.Epsilon > target - 0.001 && found.Result.Epsilon <= target, $"{accountant.Name}: {found}");
        }
    }

    [Fact]
    public void A_noise_schedule_is_searched_as_multiples_of_one_multiplier()
    {
        NoisePhase[] phases = [Phase(0.02, 100), Phase(0.02, 100, 0.8), Phase(0.02, 100, 0.64)];
        var accountant = new RdpAccountant();
        NoiseSearchResult found = NoiseCalibration.NoiseFor(accountant, 3, 1e-5, phases);
        Assert.InRange(found.Result.Epsilon, 2.999, 3);
        double flat = NoiseCalibration.NoiseFor(accountant, 3, 1e-5, [Phase(0.02, 300)]).NoiseMultiplier;
        Assert.True(found.NoiseMultiplier > flat && 0.64 * found.NoiseMultiplier < flat);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_schedule_of_many_epochs_is_searched_with_few_compositions_to_the_answer_of_the_plain_search()
    {
        // Fifty different phases: each composition costs as much as fifty runs with constant noise.
        NoisePhase[] phases = [.. Enumerable.Range(0, 50).Select(epoch => Phase(0.04, 6, Math.Pow(0.98, epoch)))];
        var accountant = new PrvAccountant(new PrvOptions { EpsilonError = 0.05, MaxPhases = 32 });
        NoiseSearchResult found = NoiseCalibration.NoiseFor(accountant, 3, 1e-5, phases);
        Assert.InRange(found.Result.Epsilon, 2.999, 3);
        Assert.InRange(found.Evaluations, 1, 4);

        // The slow twin: bisection by the same accountant, which never saw the cheaper ones.
        (double low, double high) = (0.5 * found.NoiseMultiplier, 2 * found.NoiseMultiplier);
        while (high - low > 1e-4 * high)
        {
            double middle = Math.Sqrt(low * high);
            bool fits = accountant.Epsilon(PrivacyHistory.Of(phases.Select(p => p.At(middle))), 1e-5).Epsilon <= 3;
            (low, high) = fits ? (low, middle) : (middle, high);
        }

        Assert.Equal(high, found.NoiseMultiplier, 0.002 * high); // the window of 0.001 in epsilon is 0.0005 of the noise here
    }

    [Fact]
    public void A_search_with_numerical_composition_takes_few_of_them()
    {
        foreach ((double q, long steps, double target) in new[] { (0.01, 400L, 1.0), (0.05, 200L, 8.0), (0.02, 300L, 0.2) })
        {
            NoiseSearchResult found = NoiseCalibration.NoiseFor(new PrvAccountant(PrvOptions.ForTarget(target)), target, 1e-5, [Phase(q, steps)]);
            Assert.InRange(found.Result.Epsilon, target - 0.001, target);
            Assert.InRange(found.Evaluations, 1, 5);
        }
    }

    [Fact]
    public void Spent_budget_raises_the_noise_and_a_spent_target_is_refused()
    {
        var accountant = new RdpAccountant();
        var spent = PrivacyHistory.Of(MechanismEvent.Poisson(0.02, 1.2), 200);
        double spentEpsilon = accountant.Epsilon(spent, 1e-5).Epsilon;
        double fresh = NoiseCalibration.NoiseFor(accountant, 4, 1e-5, [Phase(0.02, 300)]).NoiseMultiplier;
        NoiseSearchResult continued = NoiseCalibration.NoiseFor(accountant, 4, 1e-5, [Phase(0.02, 300)], spent);
        Assert.True(continued.NoiseMultiplier > fresh);
        Assert.InRange(continued.Result.Epsilon, 3.999, 4);
        Assert.Throws<PrivacyBudgetExceededException>(() => NoiseCalibration.NoiseFor(accountant, spentEpsilon, 1e-5, [Phase(0.02, 300)], spent));
    }

    [Fact]
    public void A_target_that_no_noise_reaches_is_an_error_that_says_so()
    {
        var error = Assert.Throws<UsageException>(() => NoiseCalibration.NoiseFor(new RdpAccountant(orders: [2, 3]), 0.5, 1e-5, [Phase(0.02, 300)]));
        Assert.Contains("no noise multiplier", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trap_1_the_count_query_of_adaptive_clipping_is_charged()
    {
        double gradientNoise = AdaptiveClippingCost.GradientNoiseMultiplier(1.0, 0.8);
        Assert.Equal(1.281, gradientNoise, 0.001);
        Assert.Equal(1.0, AdaptiveClippingCost.EffectiveNoiseMultiplier(gradientNoise, 0.8), 1e-12);
        var accountant = new RdpAccountant();
        Assert.Equal(3.80, accountant.Epsilon(PrivacyHistory.Of(MechanismEvent.Poisson(1.0 / 16, 1.0), 48), 1e-5).Epsilon, 0.01);
        Assert.Equal(2.30, accountant.Epsilon(PrivacyHistory.Of(MechanismEvent.Poisson(1.0 / 16, gradientNoise), 48), 1e-5).Epsilon, 0.01);
        Assert.Throws<ArgumentOutOfRangeException>(() => AdaptiveClippingCost.GradientNoiseMultiplier(2, 0.8));
    }

    [Fact]
    public void Group_privacy_grows_with_the_group_and_is_null_where_nothing_follows()
    {
        var accountant = new RdpAccountant();
        var history = PrivacyHistory.Of(MechanismEvent.Poisson(0.01, 1.5), 200);
        double one = accountant.Epsilon(history, 1e-5).Epsilon;
        Assert.Equal(one, GroupPrivacy.For(accountant, history, 1, 1e-5)!.Epsilon, 1e-6);
        Assert.True(GroupPrivacy.For(accountant, history, 3, 1e-5)!.Epsilon > 3 * one);
        Assert.Null(GroupPrivacy.For(accountant, history, 5000, 1e-5));
    }
}
