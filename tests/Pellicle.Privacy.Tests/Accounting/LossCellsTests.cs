using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Tests.Accounting;

public class LossCellsTests
{
    [Theory]
    [InlineData(0.01, 1.0, -0.5)]
    [InlineData(0.2, 2.0, -0.5)]
    [InlineData(0.2, 2.0, -1.0)]
    [InlineData(0.9, 5.0, -1.0)]
    [InlineData(1e-4, 0.5, -0.5)]
    public void Both_directions_in_one_pass_equal_each_cell_by_itself(double q, double noise, double edge)
    {
        var mechanism = MechanismEvent.Poisson(q, noise);
        LossMesh mesh = LossMesh.Plan(new RdpAccountant(), [new PrivacyPhase(mechanism, 100)], 0.2, 1e-8, 1 << 20, upwards: edge == -1);
        double[] remove = new double[mesh.Length];
        double[] add = new double[mesh.Length];
        LossCells.Fill(mechanism, mesh, edge, remove, add);
        for (long i = -mesh.Length / 2 + 1; i < mesh.Length / 2; i++)
        {
            (double low, double high) = ((i + edge) * mesh.Spacing, (i + edge + 1) * mesh.Spacing);

            // Beyond z = 6.5 or so nothing is kept, and the rest is scaled to 1: a difference of 2Φ(−z) < 1e-10.
            Assert.Equal(Remove(q, noise, low, high), remove[i & (mesh.Length - 1)], 2e-10);
            Assert.Equal(Add(q, noise, low, high), add[i & (mesh.Length - 1)], 2e-10);
        }

        Assert.Equal(1, remove.Sum(), 1e-12);
        Assert.Equal(1, add.Sum(), 1e-12);
    }

    [Fact]
    public void The_shift_makes_the_mean_of_the_rounded_loss_the_true_mean()
    {
        var mechanism = MechanismEvent.Poisson(0.05, 1.2);
        LossMesh mesh = LossMesh.Plan(new RdpAccountant(), [new PrivacyPhase(mechanism, 400)], 0.05, 1e-8, 1 << 20);
        double[] remove = new double[mesh.Length];
        double[] add = new double[mesh.Length];
        (double removeShift, double addShift) = LossCells.Fill(mechanism, mesh, -0.5, remove, add);
        Assert.Equal(new PrivacyLoss(0.05, 1.2, true).Mean(), Mean(remove, mesh) + removeShift, 1e-13);
        Assert.Equal(new PrivacyLoss(0.05, 1.2, false).Mean(), Mean(add, mesh) + addShift, 1e-13);

        // Rounding to nearest moves the mean by far less than a spacing.
        Assert.InRange(Math.Max(Math.Abs(removeShift), Math.Abs(addShift)), 0, 0.01 * mesh.Spacing);
    }

    // The definition: P(low < L(x) <= high) for x of the mixture, and P(low < −L(x) <= high) for x of the plain normal.
    private static double Remove(double q, double noise, double low, double high)
    {
        (double a, double b) = (Inverse(q, noise, low), Inverse(q, noise, high));
        return (1 - q) * Between(a / noise, b / noise) + q * Between((a - 1) / noise, (b - 1) / noise);
    }

    private static double Add(double q, double noise, double low, double high) =>
        Between(Inverse(q, noise, -high) / noise, Inverse(q, noise, -low) / noise);

    private static double Inverse(double q, double noise, double loss) =>
        Math.Exp(loss) <= 1 - q ? double.NegativeInfinity : noise * noise * Math.Log((Math.Exp(loss) - 1 + q) / q) + 0.5;

    private static double Between(double a, double b) => a > 0 ? LogSpace.Phi(-a) - LogSpace.Phi(-b) : LogSpace.Phi(b) - LogSpace.Phi(a);

    private static double Mean(double[] masses, LossMesh mesh) =>
        Enumerable.Range(-masses.Length / 2, masses.Length).Sum(i => masses[i & (masses.Length - 1)] * i) * mesh.Spacing;
}
