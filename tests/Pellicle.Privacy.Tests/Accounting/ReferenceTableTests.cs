using System.Text.Json;
using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Tests.Accounting;

/// <summary>Every row of the reference table, with the tolerances that its "_about" states.</summary>
public class ReferenceTableTests
{
    [SharedFact(ReferenceRow.File)]
    public void Rdp_equals_the_reference_to_1e9_relative_with_the_common_orders()
    {
        var accountant = new RdpAccountant(orders: RdpOrders.Common);
        var wrong = new List<string>();
        foreach (ReferenceRow row in ReferenceRow.All)
        {
            EpsilonResult result = accountant.Epsilon(row.History, row.Delta);
            double expected = row.Value("eps_rdp")!.Value;
            if (!(Math.Abs(result.Epsilon - expected) <= 1e-9 * expected) || result.BestOrder != row.Value("rdp_best_order"))
            {
                wrong.Add($"{row}: {result.Epsilon:R} at {result.BestOrder}, expected {expected:R} at {row.Value("rdp_best_order")}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [SharedFact(ReferenceRow.File)]
    public void Rdp_of_one_step_equals_the_reference_at_every_listed_order()
    {
        foreach (JsonElement entry in ReferenceRow.Root.GetProperty("rdp_by_order").EnumerateArray())
        {
            double q = entry.GetProperty("sample_rate").GetDouble();
            double noise = entry.GetProperty("noise_multiplier").GetDouble();
            double[] orders = [.. entry.GetProperty("orders").EnumerateArray().Select(o => o.GetDouble())];
            double[] values = [.. entry.GetProperty("rdp_per_step").EnumerateArray().Select(o => o.GetDouble())];
            for (int i = 0; i < orders.Length; i++)
            {
                double actual = PoissonGaussianRdp.AtOrder(q, noise, orders[i]);
                double tolerance = Math.Max(1e-9 * values[i], 1e-12 / (orders[i] - 1));
                Assert.True(Math.Abs(actual - values[i]) <= tolerance, $"q {q}, noise {noise}, order {orders[i]}: {actual:R}, expected {values[i]:R}");
            }
        }
    }

    [SharedFact(ReferenceRow.File)]
    public void Old_and_new_conversion_equal_the_reference_with_orders_2_to_31()
    {
        JsonElement expected = ReferenceRow.Root.GetProperty("orders_2_to_31");
        var accountant = new RdpAccountant(orders: RdpOrders.Parse("2..31"));
        var history = PrivacyHistory.Of(MechanismEvent.Poisson(64.0 / 60000, 1.3), 9380);
        EpsilonResult old = accountant.EpsilonByOldConversion(history, 1e-5);
        Assert.Equal(expected.GetProperty("eps_old_conversion").GetDouble(), old.Epsilon, 1e-9);
        Assert.Equal(22, old.BestOrder);
        EpsilonResult current = accountant.Epsilon(history, 1e-5);
        Assert.Equal(expected.GetProperty("eps_new_conversion").GetDouble(), current.Epsilon, 1e-9);
        Assert.Equal(22, current.BestOrder);
    }

    [SharedFact(ReferenceRow.File)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Prv_bounds_enclose_the_independent_values_within_the_stated_error()
    {
        var accountant = new PrvAccountant();
        var rdp = new RdpAccountant();
        var wrong = new List<string>();
        foreach (ReferenceRow row in ReferenceRow.All)
        {
            EpsilonResult result = accountant.Epsilon(row.History, row.Delta);
            double truth = row.Value("eps_exact") ?? Math.Max(row.Value("eps_pld_remove")!.Value, row.Value("eps_pld_add")!.Value);
            bool isExact = row.Value("eps_exact") is not null;
            double above = isExact ? 1e-6 * truth : 1.1 * 0.01 + 1e-4 * truth;
            double below = isExact ? 1e-6 * truth : 0;
            if (!(result.Epsilon >= truth - below && result.Epsilon <= truth + above && result.Lower <= truth + below))
            {
                wrong.Add($"{row}: {result.Lower:R} .. {result.Epsilon:R} ({result.Bound}), expected {truth:R}");
            }

            double estimate = row.Value("eps_prv_fine_estimate") ?? row.Value("eps_prv_estimate")!.Value;
            if (Math.Abs(result.Estimate!.Value - estimate) > 1e-3)
            {
                wrong.Add($"{row}: estimate {result.Estimate:R}, expected {estimate:R}");
            }

            if (rdp.Epsilon(row.History, row.Delta).Epsilon < result.Lower)
            {
                wrong.Add($"{row}: rdp below the prv lower bound");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [SharedFact(ReferenceRow.File)]
    public void Gdp_equals_the_reference_to_1e6_relative()
    {
        var accountant = new GdpAccountant();
        foreach (ReferenceRow row in ReferenceRow.All)
        {
            if (row.Value("eps_gdp") is { } expected)
            {
                double actual = accountant.Epsilon(row.History, row.Delta).Epsilon;
                Assert.True(Math.Abs(actual - expected) <= 1e-6 * expected, $"{row}: {actual:R}, expected {expected:R}");
            }
        }
    }
}
