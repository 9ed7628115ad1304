using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Mpc.Kernels;

/// <summary>Turns ring elements into bit planes and back: plane b holds bit b of every element, 64 elements a word.</summary>
/// <remarks>Circuits on planes then work on 64 elements at once. Bit i of word j belongs to element 64j + i; missing elements of the last word are 0.</remarks>
internal static class BitPlanes
{
    /// <summary>Words of one plane.</summary>
    /// <param name="count">Elements.</param>
    public static int Words(int count) => (count + 63) / 64;

    /// <summary>Cuts the low bits of elements into planes.</summary>
    /// <param name="values">n elements.</param>
    /// <param name="planes">How many low bits, 1 to 64.</param>
    /// <param name="result">[planes, Words(n)], overwritten.</param>
    public static void Slice(ReadOnlySpan<ulong> values, int planes, Span<ulong> result)
    {
        Debug.Assert(planes is >= 1 and <= 64 && result.Length == planes * Words(values.Length));
        if (BitPlanesAvx512.IsSupported && KernelSelector.Current >= KernelLevel.Avx512)
        {
            BitPlanesAvx512.Slice(values, planes, result);
        }
        else if (planes <= BitPlanesAvx2.MostPlanes && BitPlanesAvx2.IsSupported && KernelSelector.Current >= KernelLevel.Avx2)
        {
            BitPlanesAvx2.Slice(values, planes, result);
        }
        else
        {
            SliceByTransposition(values, planes, result);
        }
    }

    /// <summary>The portable form: blocks of 64 x 64 bits are transposed.</summary>
    public static void SliceByTransposition(ReadOnlySpan<ulong> values, int planes, Span<ulong> result)
    {
        int words = Words(values.Length);
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
    }

    /// <summary>Bits of one plane, or of the XOR of two, as ring elements 0 and 1.</summary>
    /// <param name="plane">Words(n) words.</param>
    /// <param name="other">As many, or empty.</param>
    /// <param name="bits">n elements, overwritten.</param>
    public static void Unpack(ReadOnlySpan<ulong> plane, ReadOnlySpan<ulong> other, Span<ulong> bits)
    {
        Debug.Assert(plane.Length == Words(bits.Length) && (other.IsEmpty || other.Length == plane.Length));
        for (int w = 0; w < plane.Length; w++)
        {
            ulong word = plane[w] ^ (other.IsEmpty ? 0 : other[w]);
            Span<ulong> part = bits.Slice(64 * w, Math.Min(64, bits.Length - (64 * w)));
            int i = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                Vector512<ulong> spread = Vector512.Create(word), place = Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
                for (; i + 8 <= part.Length; i += 8, place += Vector512.Create(8UL))
                {
                    (Avx512F.ShiftRightLogicalVariable(spread, place) & Vector512<ulong>.One).CopyTo(part[i..]);
                }
            }
            else if (Avx2.IsSupported)
            {
                Vector256<ulong> spread = Vector256.Create(word), place = Vector256.Create(0UL, 1, 2, 3);
                for (; i + 4 <= part.Length; i += 4, place += Vector256.Create(4UL))
                {
                    (Avx2.ShiftRightLogicalVariable(spread, place) & Vector256<ulong>.One).CopyTo(part[i..]);
                }
            }

            for (; i < part.Length; i++)
            {
                part[i] = (word >> i) & 1;
            }
        }
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
        Span<Vector<ulong>> wide = MemoryMarshal.Cast<ulong, Vector<ulong>>(z);
        ReadOnlySpan<Vector<ulong>> vx0 = Wide(x0, wide.Length), vx1 = Wide(x1, wide.Length), vy0 = Wide(y0, wide.Length), vy1 = Wide(y1, wide.Length), vm = Wide(mask, wide.Length);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = (vx0[i] & (vy0[i] ^ vy1[i])) ^ (vx1[i] & vy0[i]) ^ vm[i];
        }

        for (int i = wide.Length * Vector<ulong>.Count; i < z.Length; i++)
        {
            z[i] = (x0[i] & (y0[i] ^ y1[i])) ^ (x1[i] & y0[i]) ^ mask[i];
        }
    }

    /// <summary>z = (a AND b) XOR mask.</summary>
    public static void AndXor(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, ReadOnlySpan<ulong> mask, Span<ulong> z)
    {
        Span<Vector<ulong>> wide = MemoryMarshal.Cast<ulong, Vector<ulong>>(z);
        ReadOnlySpan<Vector<ulong>> va = Wide(a, wide.Length), vb = Wide(b, wide.Length), vm = Wide(mask, wide.Length);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = (va[i] & vb[i]) ^ vm[i];
        }

        for (int i = wide.Length * Vector<ulong>.Count; i < z.Length; i++)
        {
            z[i] = (a[i] & b[i]) ^ mask[i];
        }
    }

    /// <summary>z = a XOR b.</summary>
    public static void Xor(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> z)
    {
        Span<Vector<ulong>> wide = MemoryMarshal.Cast<ulong, Vector<ulong>>(z);
        ReadOnlySpan<Vector<ulong>> va = Wide(a, wide.Length), vb = Wide(b, wide.Length);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = va[i] ^ vb[i];
        }

        for (int i = wide.Length * Vector<ulong>.Count; i < z.Length; i++)
        {
            z[i] = a[i] ^ b[i];
        }
    }

    private static ReadOnlySpan<Vector<ulong>> Wide(ReadOnlySpan<ulong> words, int count) => MemoryMarshal.Cast<ulong, Vector<ulong>>(words)[..count];

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
