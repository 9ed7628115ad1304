using System.Runtime.CompilerServices;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>The ring of integers modulo the odd number L - 1 = 2^64 - 1, in which the top bit of a is the low bit of 2a. Values 0 to 2^64 - 2.</summary>
internal static class OddRing
{
    /// <summary>A 64-bit word as an element: 2^64 - 1 is 0. A uniform word gives a uniform element up to 2^-64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Reduce(ulong word) => word == ulong.MaxValue ? 0 : word;

    /// <summary>a + b: a carry of 2^64 counts 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ulong a, ulong b)
    {
        ulong sum = a + b;
        return Reduce(sum + (sum < a ? 1UL : 0));
    }

    /// <summary>a - b: a borrow of 2^64 counts 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Subtract(ulong a, ulong b) => a - b - (a < b ? 1UL : 0);
}
