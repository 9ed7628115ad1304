using System.Numerics;

namespace Pellicle.Mpc.Protocols.Masked;

/// <summary>Products of masked bits, 64 elements a word: wires opened as ε = wire xor μ, where P2 knows the masks μ and deals their products.</summary>
/// <remarks>Wires are h heads and then followers; product y is head 0 · … · head min(y, h-1) · follower y. With T the heads of a product, it is the sum over S in T of
/// (product of ε outside S) · (μ_S · ε_y + μ_S μ_y): shares of the single masks are the parties' own streams, the products of two and more are dealt.</remarks>
internal static class MaskedPrefix
{
    /// <summary>Most heads.</summary>
    public const int MostHeads = 3;

    /// <summary>Products of masks that are dealt.</summary>
    /// <param name="heads">h, 1 or 3.</param>
    /// <param name="followers">1 to h + 1.</param>
    public static int Products(int heads, int followers)
    {
        int count = (1 << heads) - 1 - heads;
        for (int y = 0; y < followers; y++)
        {
            count += (1 << HeadsOf(y, heads)) - 1;
        }

        return count;
    }

    /// <summary>P2: the products of masks, in the order in which <see cref="Multiply"/> takes them.</summary>
    /// <param name="masks">μ of heads and followers.</param>
    /// <param name="heads">h.</param>
    /// <param name="products">As many as <see cref="Products"/> says, overwritten.</param>
    public static void MultiplyMasks(ReadOnlySpan<ulong> masks, int heads, Span<ulong> products)
    {
        Span<ulong> subset = stackalloc ulong[1 << MostHeads];
        int at = 0;
        subset[0] = ulong.MaxValue;
        for (int s = 1; s < 1 << heads; s++)
        {
            subset[s] = subset[s & (s - 1)] & masks[BitOperations.TrailingZeroCount(s)];
            if (!BitOperations.IsPow2(s))
            {
                products[at++] = subset[s];
            }
        }

        for (int y = 0; y < masks.Length - heads; y++)
        {
            for (int s = 1; s < 1 << HeadsOf(y, heads); s++)
            {
                products[at++] = subset[s] & masks[heads + y];
            }
        }
    }

    /// <summary>P0 and P1: shares of the products of wires.</summary>
    /// <param name="opened">ε of heads and followers.</param>
    /// <param name="masks">This party's shares of μ.</param>
    /// <param name="products">This party's shares of the products of masks.</param>
    /// <param name="one">This party's share of 1: all ones at P0, 0 at P1.</param>
    /// <param name="heads">h.</param>
    /// <param name="results">One a follower, overwritten.</param>
    public static void Multiply(ReadOnlySpan<ulong> opened, ReadOnlySpan<ulong> masks, ReadOnlySpan<ulong> products, ulong one, int heads, Span<ulong> results)
    {
        Span<ulong> open = stackalloc ulong[1 << MostHeads], subset = stackalloc ulong[1 << MostHeads];
        int at = 0;
        (open[0], subset[0]) = (ulong.MaxValue, one);
        for (int s = 1; s < 1 << heads; s++)
        {
            int lowest = BitOperations.TrailingZeroCount(s);
            open[s] = open[s & (s - 1)] & opened[lowest];
            subset[s] = BitOperations.IsPow2(s) ? masks[lowest] : products[at++];
        }

        for (int y = 0; y < results.Length; y++)
        {
            ulong follower = opened[heads + y], sum = 0;
            int all = (1 << HeadsOf(y, heads)) - 1;
            for (int s = 0; s <= all; s++)
            {
                ulong withFollower = s == 0 ? masks[heads + y] : products[at++];
                sum ^= open[all ^ s] & ((subset[s] & follower) ^ withFollower);
            }

            results[y] = sum;
        }
    }

    private static int HeadsOf(int follower, int heads) => Math.Min(follower + 1, heads);
}
