using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Tests.Unit;

public class FixedPointTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1.5)]
    [InlineData(3.25)]
    [InlineData(-70368744177663)]
    public void Numbers_on_the_grid_come_back_exactly(double value)
    {
        var point = new FixedPoint(16);
        Assert.Equal(value, point.Decode(point.Encode(value)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e15)]
    public void Numbers_outside_the_ring_are_refused(double value) => Assert.Throws<ArgumentOutOfRangeException>(() => new FixedPoint(16).Encode(value));

    [Fact]
    public void Ring_arithmetic_wraps_and_vectors_agree_with_scalars()
    {
        ulong[] a = RingSamples.Uniform(37, 1), b = RingSamples.Uniform(37, 2);
        ulong[] sum = new ulong[37], difference = new ulong[37], product = new ulong[37];
        Ring64.Add(a, b, sum);
        Ring64.Subtract(a, b, difference);
        Ring64.MultiplyAdd(a, b, product);
        Assert.Equal(a.Zip(b, (x, y) => x + y), sum);
        Assert.Equal(a.Zip(b, (x, y) => x - y), difference);
        Assert.Equal(a.Zip(b, (x, y) => x * y), product);
    }
}
