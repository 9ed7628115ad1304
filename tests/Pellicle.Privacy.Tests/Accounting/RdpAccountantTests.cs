using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Tests.Accounting;

public class RdpAccountantTests
{
    [Fact]
    public void Rdp_of_a_history_is_the_sum_over_its_steps()
    {
        var accountant = new RdpAccountant();
        MechanismEvent a = MechanismEvent.Poisson(0.02, 1.1);
        MechanismEvent b = MechanismEvent.Poisson(0.05, 3);
        double[] together = accountant.RdpOf(PrivacyHistory.Of(a, 7).Append(b, 5));
        for (int i = 0; i < together.Length; i++)
        {
            double expected = 7 * accountant.RdpOf(a)[i] + 5 * accountant.RdpOf(b)[i];
            Assert.Equal(expected, together[i], 1e-12 * expected);
        }
    }

    [Theory]
    [InlineData(0.001, 0.6)]
    [InlineData(0.01, 1.0)]
    [InlineData(0.05, 4.0)]
    [InlineData(0.2, 2.0)]
    public void Quadrature_equals_the_series_of_the_paper_at_fractional_orders(double q, double noise)
    {
        foreach (double order in new[] { 1.5, 2.3, 3.7, 5.5, 10.9 })
        {
            double series = PoissonGaussianRdp.BySeries(q, noise, order);
            double quadrature = PoissonGaussianRdp.AtOrder(q, noise, order);
            // The series carries the rounding of ln A near 0: about 1e-14 absolute.
            Assert.Equal(series, quadrature, 1e-9 * series + 2e-13 / (order - 1));
        }
    }

    [Theory]
    [InlineData(0.5, 1.0)]
    [InlineData(0.9, 20.0)]
    [InlineData(0.999, 0.3)]
    [InlineData(1e-6, 50.0)]
    [InlineData(0.3, 0.05)]
    [InlineData(0.01, 0.005)]
    [InlineData(1e-9, 0.1)]
    public void Fractional_orders_converge_and_lie_between_their_neighbours_for_extreme_settings(double q, double noise)
    {
        foreach (double order in new[] { 2.5, 5.1, 7.9 })
        {
            double value = PoissonGaussianRdp.AtOrder(q, noise, order);
            Assert.InRange(value, PoissonGaussianRdp.AtOrder(q, noise, Math.Floor(order)), PoissonGaussianRdp.AtOrder(q, noise, Math.Ceiling(order)));
        }

        Assert.Empty(new RdpAccountant().Epsilon(PrivacyHistory.Of(MechanismEvent.Poisson(q, noise), 10), 1e-5).OmittedOrders);
    }

    [Fact]
    public void A_coarse_grid_of_orders_gives_2_39_where_the_fine_one_gives_1_451_at_8_5()
    {
        var history = PrivacyHistory.Of(MechanismEvent.Poisson(0.01, 1), 300);
        Assert.Equal(2.39, new RdpAccountant(orders: [2, 5, 10, 20, 100]).Epsilon(history, 1e-5).Epsilon, 0.01);
        EpsilonResult fine = new RdpAccountant().Epsilon(history, 1e-5);
        Assert.Equal(1.451, fine.Epsilon, 0.001);
        Assert.Equal(8.5, fine.BestOrder);
        Assert.False(fine.OrderAtEdge);
    }

    [Fact]
    public void Trap_20_a_best_order_at_the_edge_is_reported_and_the_default_list_reaches_further()
    {
        var history = PrivacyHistory.Of(MechanismEvent.Poisson(0.0001, 4), 100);
        EpsilonResult common = new RdpAccountant(orders: RdpOrders.Common).Epsilon(history, 1e-5);
        Assert.True(common.OrderAtEdge);
        Assert.Equal(63, common.BestOrder);
        Assert.Contains(common.Notes, n => n.Contains("edge", StringComparison.Ordinal));
        EpsilonResult wide = new RdpAccountant().Epsilon(history, 1e-5);
        Assert.True(wide.Epsilon < 0.2 * common.Epsilon);
    }

    [Fact]
    public void Order_lists_are_read_as_written()
    {
        Assert.Equal(Enumerable.Range(2, 30).Select(i => (double)i), RdpOrders.Parse("2..31"));
        Assert.Equal(new[] { 1.5, 2, 4, 5, 6, 64 }, RdpOrders.Parse("64, 4..6, 1.5,2,2").ToArray());
        Assert.Equal(99 + 52 + 10, RdpOrders.Default.Length);
        foreach (string wrong in new[] { "1", "0.5", "x", "5..2", "", "1..3", "1e9" })
        {
            Assert.Throws<UsageException>(() => RdpOrders.Parse(wrong));
        }
    }
}
