using Pellicle.Audit.Statistics;
using Pellicle.Core.Random;

namespace Pellicle.Audit.Tests.Statistics;

public sealed class OneRunBoundTests
{
    private const double Delta = 1e-5;

    // All r right, delta 0: P[W = r] = q^r = 1 − confidence gives epsilon = −ln(0.05^(−1/r) − 1) in closed form.
    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(1000)]
    public void All_guesses_right_has_a_closed_form(int guesses)
    {
        double expected = -Math.Log(Math.Pow(0.05, -1.0 / guesses) - 1);

        Assert.Equal(expected, OneRunBound.Epsilon(guesses, guesses, guesses, 0, 0.95), 6);
    }

    // P[Binomial(10, e/(1+e)) >= 9] at epsilon 1, written out.
    [Fact]
    public void Without_delta_the_p_value_is_a_binomial_tail()
    {
        double q = Math.E / (1 + Math.E);
        double expected = 10 * Math.Pow(q, 9) * (1 - q) + Math.Pow(q, 10);

        Assert.Equal(expected, OneRunBound.PValue(50, 10, 9, 1, 0), 12);
    }

    // r = 2, v = 2, epsilon 0: masses 1/4, 1/2, 1/4; alpha = max(1/2, (1/2 + 1/4)/2) = 1/2, so p = 1/4 + 2 m delta / 2.
    [Fact]
    public void Delta_adds_the_correction_of_the_paper_with_all_canaries_counted()
    {
        Assert.Equal(0.25 + 100 * 0.001, OneRunBound.PValue(100, 2, 2, 0, 0.001), 12);
    }

    [Fact]
    public void The_bound_falls_with_delta_with_canaries_and_with_confidence_and_grows_with_right_guesses()
    {
        double plain = OneRunBound.Epsilon(1000, 200, 180, 1e-5, 0.95);

        Assert.True(OneRunBound.Epsilon(1000, 200, 180, 1e-3, 0.95) < plain);
        Assert.True(OneRunBound.Epsilon(100_000, 200, 180, 1e-5, 0.95) < plain);
        Assert.True(OneRunBound.Epsilon(1000, 200, 180, 1e-5, 0.99) < plain);
        Assert.True(OneRunBound.Epsilon(1000, 200, 185, 1e-5, 0.95) > plain);
        Assert.Equal(0, OneRunBound.Epsilon(1000, 200, 100, 1e-5, 0.95));
        Assert.Equal(0, OneRunBound.Epsilon(1000, 0, 0, 1e-5, 0.95));
    }

    // The hardest mechanism for the bound is randomised response: each coin told truthfully with probability e^eps/(1+e^eps). There the test is exact up to
    // discreteness. 1000 audits at 95 %: Binomial(1000, 0.05) exceeds 73 with probability below 0.1 %.
    [Theory]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(4)]
    public void The_bound_exceeds_the_epsilon_of_randomised_response_no_more_often_than_stated(double epsilon)
    {
        int above = 0;
        double truthful = 1 / (1 + Math.Exp(-epsilon));
        for (int audit = 0; audit < 1000; audit++)
        {
            ISeededRandom random = new SeededRandom(31).Derive("audit", (ulong)audit);
            bool[] coins = [.. Enumerable.Range(0, 200).Select(_ => random.NextInt(2) == 1)];
            double[] scores = [.. coins.Select(coin => (random.NextDouble() < truthful ? coin : !coin) ? 1.0 : 0.0)];
            above += CanaryGuesses.Strongest(scores, coins, 0, 0.95).EpsilonLowerBound > epsilon ? 1 : 0;
        }

        Assert.InRange(above, 0, 73);
    }

    [Theory]
    [Trait(Speed.Trait, Speed.Slow)]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(8)]
    public void The_bound_exceeds_the_true_epsilon_of_a_Gaussian_mechanism_no_more_often_than_stated(double epsilon)
    {
        int above = Bounds(epsilon, canaries: 300, audits: 400).Count(bound => bound > epsilon);

        // Binomial(400, 0.05) exceeds 34 with probability 0.2 %.
        Assert.InRange(above, 0, 34);
    }

    // Teeth: one run of the Gaussian mechanism with 1000 canaries finds about a quarter to a third of the true epsilon.
    [Theory]
    [Trait(Speed.Trait, Speed.Slow)]
    [InlineData(2, 0.2)]
    [InlineData(4, 0.25)]
    [InlineData(8, 0.28)]
    public void One_run_with_a_thousand_canaries_finds_a_good_part_of_epsilon(double epsilon, double part)
    {
        double mean = Bounds(epsilon, canaries: 1000, audits: 30).Average();

        Assert.InRange(mean, part * epsilon, epsilon);
    }

    [Fact]
    public void A_run_that_remembers_every_canary_is_found()
    {
        bool[] coins = [.. Enumerable.Range(0, 1000).Select(i => i % 2 == 0)];

        CanaryGuesses guesses = CanaryGuesses.Strongest([.. coins.Select(c => c ? 3.0 : 0.1)], coins, Delta, 0.95);

        Assert.True(guesses.EpsilonLowerBound > 5, $"{guesses}");
        Assert.Equal(1000, guesses.Correct);
    }

    private static IEnumerable<double> Bounds(double epsilon, int canaries, int audits)
    {
        double mu = GaussianMechanism.MuFor(epsilon, Delta);
        for (int audit = 0; audit < audits; audit++)
        {
            ISeededRandom random = new SeededRandom(5).Derive("audit", (ulong)audit);
            bool[] coins = [.. Enumerable.Range(0, canaries).Select(_ => random.NextInt(2) == 1)];
            double[] scores = [.. coins.Select(coin => (coin ? mu : 0) + random.NextGaussian())];
            yield return CanaryGuesses.Strongest(scores, coins, Delta, 0.95).EpsilonLowerBound;
        }
    }
}
