using Pellicle.Core.Random;

namespace Pellicle.Mpc.Tests;

/// <summary>Seeded ring elements for tests.</summary>
internal static class RingSamples
{
    /// <summary>Uniform over the ring.</summary>
    public static ulong[] Uniform(int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextUInt64())];
    }

    /// <summary>Signed values of size below 2^bits.</summary>
    public static ulong[] Signed(int count, int bits, ulong seed) => [.. Uniform(count, seed).Select(v => (ulong)((long)v >> (63 - bits)))];
}
