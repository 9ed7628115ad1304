using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Tests.Accounting;

/// <summary>What every accountant must do.</summary>
public class AccountantContractTests
{
    public static TheoryData<string> All => new("rdp", "prv", "gdp");

    private static PrivacyAccountant Make(string name) => name switch
    {
        "rdp" => new RdpAccountant(),
        "prv" => new PrvAccountant(),
        _ => new GdpAccountant(),
    };

    private static PrivacyHistory Steps(double q, double noise, long steps) => PrivacyHistory.Of(MechanismEvent.Poisson(q, noise), steps);

    [Theory]
    [MemberData(nameof(All))]
    public void Nothing_done_costs_nothing(string name)
    {
        Assert.Equal(0, Make(name).Epsilon(PrivacyHistory.Empty, 1e-5).Epsilon);
        Assert.Equal(0, Make(name).Epsilon(Steps(0, 1, 100), 1e-5).Epsilon);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void No_noise_is_no_privacy(string name) =>
        Assert.Equal(double.PositiveInfinity, Make(name).Epsilon(Steps(0.01, 0, 1), 1e-5).Epsilon);

    [Theory]
    [MemberData(nameof(All))]
    public void Epsilon_falls_with_noise_and_delta_and_grows_with_rate_and_steps(string name)
    {
        PrivacyAccountant accountant = Make(name);
        var random = new Random(11);
        for (int i = 0; i < 5; i++)
        {
            double q = Math.Pow(10, -3 + 2.5 * random.NextDouble());
            double noise = 0.7 + 3 * random.NextDouble();
            long steps = random.Next(1, 400);
            double middle = accountant.Epsilon(Steps(q, noise, steps), 1e-5).Epsilon;
            // 1e-4: the mesh of the prv accountant changes with the number of steps.
            Assert.True(accountant.Epsilon(Steps(q, noise, steps * 2), 1e-5).Epsilon >= middle - 1e-4, $"steps, q {q} noise {noise} steps {steps}");
            Assert.True(accountant.Epsilon(Steps(Math.Min(1, q * 1.5), noise, steps), 1e-5).Epsilon >= middle - 1e-4, $"rate, q {q} noise {noise} steps {steps}");
            Assert.True(accountant.Epsilon(Steps(q, noise * 1.3, steps), 1e-5).Epsilon <= middle + 1e-4, $"noise, q {q} noise {noise} steps {steps}");
            Assert.True(accountant.Epsilon(Steps(q, noise, steps), 1e-4).Epsilon <= middle + 1e-4, $"delta, q {q} noise {noise} steps {steps}");
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Phases_commute_and_equal_phases_merge(string name)
    {
        PrivacyAccountant accountant = Make(name);
        MechanismEvent a = MechanismEvent.Poisson(0.01, 1);
        MechanismEvent b = MechanismEvent.Poisson(0.03, 2);
        double ab = accountant.Epsilon(PrivacyHistory.Of(a, 40).Append(b, 60), 1e-5).Epsilon;
        double ba = accountant.Epsilon(PrivacyHistory.Of(b, 60).Append(a, 40), 1e-5).Epsilon;
        double aba = accountant.Epsilon(PrivacyHistory.Of(a, 10).Append(b, 60).Append(a, 30), 1e-5).Epsilon;
        Assert.Equal(ab, ba, 1e-9);
        Assert.Equal(ab, aba, 1e-9);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_curve_equals_single_answers(string name)
    {
        PrivacyAccountant accountant = Make(name);
        double[] deltas = [1e-3, 1e-6, 1e-5];
        IReadOnlyList<EpsilonResult> curve = accountant.Curve(Steps(0.02, 1.2, 100), deltas);
        for (int i = 0; i < deltas.Length; i++)
        {
            Assert.Equal(deltas[i], curve[i].Delta);
            Assert.Equal(accountant.Epsilon(Steps(0.02, 1.2, 100), deltas[i]).Epsilon, curve[i].Epsilon, 2e-3);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void An_event_that_cannot_be_analysed_is_refused_by_name(string name)
    {
        PrivacyAccountant accountant = Make(name);
        var fixedSize = new MechanismEvent(SamplingKind.FixedSize, 0.125, 1.5);
        Assert.False(accountant.Supports(fixedSize));
        var error = Assert.Throws<PrivacyRefusedException>(() => accountant.Epsilon(Steps(0.01, 1, 5).Append(fixedSize), 1e-5));
        Assert.Contains("FixedSize", error.Message, StringComparison.Ordinal);
        Assert.Contains("0.125", error.Message, StringComparison.Ordinal);
        Assert.False(accountant.Supports(new MechanismEvent(SamplingKind.Shuffled, 1, 1)));
    }

    [Fact]
    public void Trap_7_shuffled_and_fixed_size_batches_are_never_accounted_as_Poisson()
    {
        Assert.False(new RdpAccountant(NeighbouringRelation.ReplaceOne).Supports(MechanismEvent.Poisson(0.1, 1)));
        Assert.False(new RdpAccountant(NeighbouringRelation.ZeroOutOne).Supports(MechanismEvent.Poisson(0.1, 1)));
        Assert.True(new RdpAccountant(NeighbouringRelation.ReplaceOne).Supports(new MechanismEvent(SamplingKind.FixedSize, 0.1, 1)));
        Assert.True(new RdpAccountant(NeighbouringRelation.ZeroOutOne).Supports(new MechanismEvent(SamplingKind.Shuffled, 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MechanismEvent(SamplingKind.Shuffled, 0.1, 1));

        // One epoch counts as one plain Gaussian: far above Poisson sampling of the same batches.
        double shuffled = new RdpAccountant(NeighbouringRelation.ZeroOutOne).Epsilon(PrivacyHistory.Of(new MechanismEvent(SamplingKind.Shuffled, 1, 2), 3), 1e-5).Epsilon;
        Assert.Equal(new RdpAccountant().Epsilon(PrivacyHistory.Of(new MechanismEvent(SamplingKind.FullBatch, 1, 2), 3), 1e-5).Epsilon, shuffled, 1e-12);
        Assert.True(shuffled > 2 * new RdpAccountant().Epsilon(Steps(0.01, 2, 300), 1e-5).Epsilon);
    }

    [Fact]
    public void Fixed_size_sampling_costs_at_most_the_unsampled_mechanism_with_twice_the_sensitivity()
    {
        foreach (double order in new[] { 1.5, 2, 3.7, 8, 30 })
        {
            double unsampled = 2 * order / (1.5 * 1.5);
            Assert.True(FixedSizeGaussianRdp.AtOrder(0.01, 1.5, order) < unsampled);
            Assert.Equal(unsampled, FixedSizeGaussianRdp.AtOrder(1, 1.5, order), 1e-12);
            Assert.True(FixedSizeGaussianRdp.AtOrder(0.01, 3, order) <= FixedSizeGaussianRdp.AtOrder(0.01, 1.5, order));
            Assert.True(FixedSizeGaussianRdp.AtOrder(0.01, 1.5, order) > PoissonGaussianRdp.AtOrder(0.01, 1.5, order));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_delta_outside_0_to_1_is_an_error(double delta) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RdpAccountant().Epsilon(Steps(0.1, 1, 1), delta));
}
