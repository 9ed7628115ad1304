namespace Pellicle.Core.Random;

/// <summary>Common distributions over an <see cref="ISeededRandom"/>.</summary>
public static class SeededRandomExtensions
{
    /// <summary>Uniform in [0, 1) with 53 bits.</summary>
    /// <param name="random">The generator.</param>
    public static double NextDouble(this ISeededRandom random) => (random.NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, exclusiveMax), without modulo bias (Lemire 2019).</summary>
    /// <param name="random">The generator.</param>
    /// <param name="exclusiveMax">Above 0.</param>
    public static int NextInt(this ISeededRandom random, int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMax, 1);
        ulong range = (ulong)exclusiveMax;
        ulong threshold = (0UL - range) % range;
        while (true)
        {
            ulong high = Math.BigMul(random.NextUInt64(), range, out ulong low);
            if (low >= threshold)
            {
                return (int)high;
            }
        }
    }

    /// <summary>Standard normal by Box and Muller 1958.</summary>
    /// <param name="random">The generator.</param>
    public static double NextGaussian(this ISeededRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());

    /// <summary>Shuffles in place (Fisher and Yates).</summary>
    /// <typeparam name="T">Element type.</typeparam>
    /// <param name="random">The generator.</param>
    /// <param name="items">Permuted in place.</param>
    public static void Shuffle<T>(this ISeededRandom random, Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
