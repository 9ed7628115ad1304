using System.Numerics;

namespace Pellicle.Privacy.Plan;

/// <summary>Whole numbers of steps and epochs, computed exactly.</summary>
public static class StepCount
{
    /// <summary>ceil(epochs · n / L).</summary>
    /// <remarks>In whole numbers: epochs are read as the decimal that the user wrote (15 digits). Dividing floating-point numbers, or counting
    /// floor(1/q) steps per epoch, gives one step fewer for some sizes.</remarks>
    /// <param name="epochs">Above 0, at most 1e9.</param>
    /// <param name="n">Number of units, at least 1.</param>
    /// <param name="expectedBatchSize">L, at least 1.</param>
    public static long Of(double epochs, long n, long expectedBatchSize)
    {
        if (!(epochs > 0 && epochs <= 1e9))
        {
            throw new ArgumentOutOfRangeException(nameof(epochs), epochs, "The number of epochs must be above 0 and at most 1e9.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(expectedBatchSize, 1);
        decimal exact = (decimal)epochs;
        BigInteger scale = BigInteger.Pow(10, exact.Scale);
        BigInteger numerator = new BigInteger(exact * (decimal)scale) * n;
        BigInteger denominator = scale * expectedBatchSize;
        return checked((long)((numerator + denominator - 1) / denominator));
    }

    /// <summary>The epoch, from 0, in which a step starts: floor((step − 1)·L/n).</summary>
    /// <param name="step">1 for the first.</param>
    /// <param name="n">Number of units.</param>
    /// <param name="expectedBatchSize">L.</param>
    public static long EpochOf(long step, long n, long expectedBatchSize) => (long)(((Int128)step - 1) * expectedBatchSize / n);

    /// <summary>First step, from 1, of an epoch.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="n">Number of units.</param>
    /// <param name="expectedBatchSize">L.</param>
    public static long FirstStepOf(long epoch, long n, long expectedBatchSize) => (long)(((Int128)epoch * n + expectedBatchSize - 1) / expectedBatchSize) + 1;
}
