using System.Numerics;

namespace Pellicle.Mpc.Protocols.Masked;

/// <summary>Generate and propagate of a few bits of opened + mask, 64 elements a word: functions of the opened bits e and of monomials of the mask's bits b.</summary>
/// <remarks>Propagate is the product of e_k + b_k; generate is the sum over k of e_k·b_k times the product of e_i + b_i above k. Both are sums of (product of some e) · (product of some b),
/// so P0 and P1, who know e, compute shares of them from shares of the monomials of b without a message. Bit k of the number s says that b_k is in monomial s.</remarks>
internal static class MaskedLeaf
{
    /// <summary>Most bits of a leaf.</summary>
    public const int MostBits = 4;

    /// <summary>P2: all products of bits but the empty one.</summary>
    /// <param name="bits">b.</param>
    /// <param name="monomials">2^bits - 1, monomial s at s - 1, overwritten.</param>
    public static void Monomials(ReadOnlySpan<ulong> bits, Span<ulong> monomials)
    {
        for (int s = 1; s < 1 << bits.Length; s++)
        {
            ulong bit = bits[BitOperations.TrailingZeroCount(s)];
            int rest = s & (s - 1);
            monomials[s - 1] = rest == 0 ? bit : monomials[rest - 1] & bit;
        }
    }

    /// <summary>P0 and P1: shares of generate and propagate.</summary>
    /// <param name="opened">e.</param>
    /// <param name="monomials">This party's shares.</param>
    /// <param name="one">This party's share of 1: all ones at P0, 0 at P1.</param>
    public static (ulong Generate, ulong Propagate) Evaluate(ReadOnlySpan<ulong> opened, ReadOnlySpan<ulong> monomials, ulong one)
    {
        int all = (1 << opened.Length) - 1;
        Span<ulong> open = stackalloc ulong[1 << MostBits];
        open[0] = ulong.MaxValue;
        for (int s = 1; s <= all; s++)
        {
            open[s] = open[s & (s - 1)] & opened[BitOperations.TrailingZeroCount(s)];
        }

        ulong generate = 0, propagate = open[all] & one;
        for (int s = 1; s <= all; s++)
        {
            int lowest = s & -s, above = all & ~((2 * lowest) - 1);
            generate ^= open[lowest | (above & ~s)] & monomials[s - 1];
            propagate ^= open[all ^ s] & monomials[s - 1];
        }

        return (generate, propagate);
    }
}
