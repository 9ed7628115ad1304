using MathNet.Numerics;
using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Tests.Accounting;

public class LogSpaceTests
{
    // Values of mpmath 1.3 with 30 digits.
    [Theory]
    [InlineData(0.3, 0.671373240540872583810843152041)]
    [InlineData(1.0, 0.157299207050285130658779364917)]
    [InlineData(2.0, 0.00467773498104726583793074363275)]
    [InlineData(5.0, 1.53745979442803485018834348538e-12)]
    [InlineData(-1.5, 1.96610514647531072706697626165)]
    public void Erfc_has_full_relative_accuracy(double x, double expected) =>
        Assert.True(Math.Abs(LogSpace.Erfc(x) - expected) <= 4e-16 * Math.Abs(expected) + double.Epsilon, $"{LogSpace.Erfc(x):R}");

    [Fact]
    public void Erfc_agrees_with_an_independent_implementation_from_minus_6_to_26()
    {
        for (double x = -6; x < 26; x += 0.0371)
        {
            double expected = SpecialFunctions.Erfc(x);
            Assert.True(Math.Abs(LogSpace.Erfc(x) - expected) <= 2e-13 * Math.Abs(expected), $"x {x}: {LogSpace.Erfc(x):R}, {expected:R}");
        }
    }

    [Fact]
    public void Log_erfc_continues_smoothly_to_the_far_tail()
    {
        // Bounds of the Mills ratio, tight to 1/(2x^4) in the tail: e^(-x²)/(x√π)·(1 − 1/(2x²)) < erfc(x) < e^(-x²)/(x√π).
        foreach (double x in new[] { 5.0, 26.9, 27.9999, 28, 28.0001, 100, 1e4, 1e7 })
        {
            double upper = -x * x - Math.Log(x) - 0.5 * Math.Log(Math.PI);
            double lower = upper + Math.Log(1 - 1 / (2 * x * x));
            double slack = 4e-16 * x * x + 1e-15;
            Assert.InRange(LogSpace.LogErfc(x), lower - slack, upper + slack);
        }

        Assert.Equal(LogSpace.LogErfc(28 - 1e-9), LogSpace.LogErfc(28), 1e-6);
        for (double x = -5; x < 5; x += 0.01)
        {
            Assert.Equal(Math.Log(LogSpace.Erfc(x)), LogSpace.LogErfc(x), 2e-15 * Math.Max(1, x * x));
        }
    }

    [Fact]
    public void Sums_and_differences_survive_where_exponentials_do_not()
    {
        Assert.Equal(-1000 + Math.Log(2), LogSpace.Add(-1000, -1000), 1e-12);
        Assert.Equal(1000 + Math.Log(3), LogSpace.Sum([1000, 1000, 1000]), 1e-12);
        Assert.Equal(1000, LogSpace.Subtract(1000 + Math.Log(2), 1000), 1e-9);
        Assert.Equal(double.NegativeInfinity, LogSpace.Subtract(3, 3));
        Assert.Equal(5, LogSpace.Add(5, double.NegativeInfinity));
        Assert.Throws<ArgumentException>(() => LogSpace.Subtract(1, 2));
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e-17)]
    [InlineData(3e-9)]
    [InlineData(0.4)]
    [InlineData(-0.6)]
    public void Log1p_and_expm1_are_inverse_without_loss_near_0(double x)
    {
        Assert.True(Math.Abs(LogSpace.ExpM1(LogSpace.Log1P(x)) - x) <= 1e-15 * Math.Abs(x));
        Assert.True(Math.Abs(LogSpace.Log1P(LogSpace.ExpM1(x)) - x) <= 1e-15 * Math.Abs(x));
    }
}
