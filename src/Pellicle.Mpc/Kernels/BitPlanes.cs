using System.Diagnostics;

namespace Pellicle.Mpc.Kernels;

/// <summary>Turns ring elements into bit planes and back: plane b holds bit b of every element, 64 elements a word.</summary>
/// <remarks>Circuits on planes then work on 64 elements at once. Bit i of word j belongs to element 64j + i; missing elements of the last word are 0.</remarks>
internal static class BitPlanes
{
    /// <summary>Words of one plane.</summary>
    /// <param name="count">Elements.</param>
    public static int Words(int count) => (count + 63) / 64;

    /// <summary>Cuts the low bits of elements into planes, by transposing blocks of 64 x 64 bits.</summary>
    /// <param name="values">n elements.</param>
    /// <param name="planes">How many low bits, 1 to 64.</param>
    /// <returns>[planes, Words(n)].</returns>
    public static ulong[] Slice(ReadOnlySpan<ulong> values, int planes)
    {
        Debug.Assert(planes is >= 1 and <= 64);
        int words = Words(values.Length);
        var result = new ulong[planes * words];
        Span<ulong> block = stackalloc ulong[64];
        for (int w = 0; w < words; w++)
        {
            int filled = Math.Min(64, values.Length - (64 * w));
            values.Slice(64 * w, filled).CopyTo(block);
            block[filled..].Clear();
            Transpose(block);
            for (int b = 0; b < planes; b++)
            {
                result[(b * words) + w] = block[b];
            }
        }

        return result;
    }

    /// <summary>The slow twin of <see cref="Slice"/>: bit by bit.</summary>
    public static ulong[] SliceReference(ReadOnlySpan<ulong> values, int planes)
    {
        int words = Words(values.Length);
        var result = new ulong[planes * words];
        for (int i = 0; i < values.Length; i++)
        {
            for (int b = 0; b < planes; b++)
            {
                result[(b * words) + (i / 64)] |= ((values[i] >> b) & 1) << (i % 64);
            }
        }

        return result;
    }

    /// <summary>One bit of a plane.</summary>
    public static ulong Bit(ReadOnlySpan<ulong> plane, int index) => (plane[index >> 6] >> index) & 1;

    /// <summary>z = x AND (y0 XOR y1) XOR (x1 AND y0) XOR mask: this party's summand of a product of replicated bits.</summary>
    public static void ReplicatedAnd(ReadOnlySpan<ulong> x0, ReadOnlySpan<ulong> x1, ReadOnlySpan<ulong> y0, ReadOnlySpan<ulong> y1, ReadOnlySpan<ulong> mask, Span<ulong> z)
    {
        for (int i = 0; i < z.Length; i++)
        {
            z[i] = (x0[i] & (y0[i] ^ y1[i])) ^ (x1[i] & y0[i]) ^ mask[i];
        }
    }

    /// <summary>z = a XOR b.</summary>
    public static void Xor(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> z)
    {
        for (int i = 0; i < z.Length; i++)
        {
            z[i] = a[i] ^ b[i];
        }
    }

    // Warren, Hacker's Delight, section 7-3: swap halves of ever smaller squares. Row i, bit j goes to row j, bit i.
    private static void Transpose(Span<ulong> rows)
    {
        ulong mask = 0x00000000FFFFFFFF;
        for (int half = 32; half != 0; half >>= 1, mask ^= mask << half)
        {
            for (int k = 0; k < 64; k = ((k | half) + 1) & ~half)
            {
                ulong t = ((rows[k] >> half) ^ rows[k | half]) & mask;
                rows[k] ^= t << half;
                rows[k | half] ^= t;
            }
        }
    }
}
