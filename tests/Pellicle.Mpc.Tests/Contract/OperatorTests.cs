using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Mpc.Protocols.Replicated3;

namespace Pellicle.Mpc.Tests.Contract;

/// <summary>Operators on shares: near the exact function, near the plain oracle, cost as declared.</summary>
public class OperatorTests
{
    private static readonly FixedPoint Point = new(16);

    [Fact]
    public void Approximations_keep_their_stated_bounds_over_the_whole_axis()
    {
        Assert.InRange(LargestError(Activation.Tanh, Math.Tanh, -20, 20), 0, 6e-4);
        Assert.InRange(LargestError(Activation.Sigmoid, x => 1 / (1 + Math.Exp(-x)), -20, 20), 0, 5e-4);
        Assert.InRange(LargestError(Activation.Gelu, x => x * Phi(x), -20, 20), 0, 3e-4);
        Assert.InRange(LargestError(Activation.Exp, Math.Exp, -20, 0), 0, 2e-4);
        Assert.InRange(LargestError(Activation.Elu, x => x < 0 ? Math.Exp(x) - 1 : x, -20, 20), 0, 2e-4);
        Assert.InRange(LargestError(Activation.Selu, x => 1.05070098735548 * (x < 0 ? 1.67326324235437 * (Math.Exp(x) - 1) : x), -20, 20), 0, 3e-4);
        Assert.InRange(LargestError(Activation.Softplus, x => Math.Log(1 + Math.Exp(x)), -20, 20), 0, 5e-4);
    }

    [Fact]
    public void Relu_is_exact()
    {
        ulong[] x = [.. RingSamples.Signed(300, 22, 1), 0, 1, ulong.MaxValue];
        ProtocolContractTests.Check([x], (p, t) => Activation.Relu(p, t[0], 24), tolerance: 0);
    }

    [Fact]
    public void Smooth_activations_on_shares_are_within_their_bound_and_a_few_units()
    {
        double[] x = [.. Enumerable.Range(-60, 121).Select(i => i / 6.0)];
        AssertNear(x, Math.Tanh, (p, t) => Activation.Tanh.Evaluate(p, t, Point, 24), 8e-4);
        AssertNear(x, v => 1 / (1 + Math.Exp(-v)), (p, t) => Activation.Sigmoid.Evaluate(p, t, Point, 24), 6e-4);
        AssertNear(x, v => v * Phi(v), (p, t) => Activation.Gelu.Evaluate(p, t, Point, 24), 6e-4);
    }

    [Fact]
    public void An_activation_costs_what_its_cost_model_declares()
    {
        ulong[] x = RingSamples.Signed(130, 18, 1);
        ProtocolContractTests.Check([x], (p, t) => Activation.Tanh.Evaluate(p, t[0], Point, 24), tolerance: 64);
    }

    [Fact]
    public void Inverses_are_right_over_their_range()
    {
        double[] x = [.. Enumerable.Range(1, 200).Select(i => i / 4.0)];
        AssertNear(x, v => 1 / v, (p, t) => PositiveInverse.Reciprocal(0.25, 64).Evaluate(p, t, Point, 24), 2e-3);
        AssertNear(x, v => 1 / Math.Sqrt(v), (p, t) => PositiveInverse.SquareRoot(0.25, 64).Evaluate(p, t, Point, 24), 1e-3);
    }

    [Fact]
    public void Maximum_and_its_place_are_exact_for_every_number_of_candidates()
    {
        for (int count = 1; count <= 5; count++)
        {
            ulong[][] candidates = [.. Enumerable.Range(0, count).Select(i => RingSamples.Signed(70, 20, (ulong)i + 1))];
            ProtocolContractTests.Check(candidates, (p, t) => Maximum.Of(p, t, 24), tolerance: 0);
            ProtocolContractTests.Check(candidates, (p, t) => Maximum.IndexOf(p, t, 24), tolerance: 0);
        }
    }

    [Fact]
    public void The_place_of_the_maximum_is_the_one_in_the_clear()
    {
        ulong[][] candidates = [[5, 1], [7, 0], [6, 9]];
        SharedTensor[][] parts = [.. candidates.Select(c => new ReplicatedShares().Split(c, new SystemSecureRandom()))];
        Assert.Equal(new ulong[] { 1, 2 }, RunAtThree(p => Maximum.IndexOf(p, [.. parts.Select(part => part[p.Self.Index])], 24)));
    }

    [Fact]
    public void Softmax_of_rows_is_near_the_exact_one()
    {
        const int Length = 7, Rows = 3;
        var random = new SeededRandom(3);
        double[] x = [.. Enumerable.Range(0, Length * Rows).Select(_ => 3 * random.NextGaussian())];
        double[] expected = new double[x.Length];
        for (int row = 0; row < Rows; row++)
        {
            double sum = Enumerable.Range(0, Length).Sum(i => Math.Exp(x[(i * Rows) + row]));
            for (int i = 0; i < Length; i++)
            {
                expected[(i * Rows) + row] = Math.Exp(x[(i * Rows) + row]) / sum;
            }
        }

        AssertNear(x, expected, (p, t) => Softmax.Evaluate(p, t, Length, Point, 24), 2e-3);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(1)]
    [InlineData(20)]
    public void Normalisation_of_groups_is_near_the_exact_one(double deviation)
    {
        const int Size = 96, Groups = 4;
        var random = new SeededRandom(4);
        double[] x = [.. Enumerable.Range(0, Size * Groups).Select(_ => deviation * (random.NextGaussian() + 0.3))];
        int[] group = [.. Enumerable.Range(0, x.Length).Select(i => i / Size)];
        double[] expected = new double[x.Length];
        for (int g = 0; g < Groups; g++)
        {
            double[] part = x[(g * Size)..((g + 1) * Size)];
            double mean = part.Average(), variance = part.Average(v => (v - mean) * (v - mean));
            for (int i = 0; i < Size; i++)
            {
                expected[(g * Size) + i] = (part[i] - mean) / Math.Sqrt(variance + 1e-5);
            }
        }

        double square = deviation * deviation;
        var normalization = new Normalization(Size, Groups, group, 1e-5, square / 4, square * 4);
        AssertNear(x, expected, (p, t) => normalization.Evaluate(p, t, Point, 32), deviation < 0.1 ? 1e-2 : 2e-3);
    }

    private static double LargestError(PiecewisePolynomial approximation, Func<double, double> exact, double low, double high) =>
        Enumerable.Range(0, 20_001).Select(i => low + ((high - low) * i / 20_000)).Max(x => Math.Abs(approximation.Evaluate(x) - exact(x)));

    private static void AssertNear(double[] x, Func<double, double> exact, Func<ITensorProtocol, SharedTensor, SharedTensor> program, double tolerance) =>
        AssertNear(x, [.. x.Select(exact)], program, tolerance);

    private static void AssertNear(double[] x, double[] expected, Func<ITensorProtocol, SharedTensor, SharedTensor> program, double tolerance)
    {
        SharedTensor[] parts = new ReplicatedShares().Split([.. x.Select(Point.Encode)], new SystemSecureRandom());
        double[] found = Point.Decode(RunAtThree(p => program(p, parts[p.Self.Index])));
        for (int i = 0; i < x.Length; i++)
        {
            Assert.True(Math.Abs(found[i] - expected[i]) <= tolerance, $"element {i} at {x[i]}: {found[i]}, expected {expected[i]} within {tolerance}");
        }
    }

    private static ulong[] RunAtThree(Func<ITensorProtocol, SharedTensor> program)
    {
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(30));
        return new ReplicatedShares().Combine(parties.Run(p =>
        {
            SharedTensor result = program(p);
            result.Settle();
            return result;
        }));
    }

    // Abramowitz and Stegun 7.1.26 would be too coarse here: the series of the error function converges fast enough.
    private static double Phi(double x)
    {
        if (Math.Abs(x) > 7)
        {
            return x > 0 ? 1 : 0;
        }

        double term = x, sum = x;
        for (int k = 1; k < 200; k++)
        {
            term *= x * x / ((2 * k) + 1);
            sum += term;
        }

        return 0.5 + (Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI) * sum);
    }
}
