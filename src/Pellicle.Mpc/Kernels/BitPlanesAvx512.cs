using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Mpc.Kernels;

/// <summary>Bit planes with 512-bit vectors, 64 elements at a time: bytes of equal place side by side → an 8 x 8 transposition of bytes → one of bits (<c>vgf2p8affineqb</c>).</summary>
internal static unsafe class BitPlanesAvx512
{
    private const int Block = 64;

    // Byte 8p + 7 - e takes byte p of element e: the bit transposition below reverses the order of the rows again.
    private static readonly Vector512<byte> Gather = Ordered(static (p, e) => ((8 * p) + 7 - e, (8 * e) + p));
    private static readonly Vector512<byte> Spread = Ordered(static (p, k) => ((8 * p) + k, (8 * k) + 7 - p));

    public static bool IsSupported => Avx512F.IsSupported && Avx512Vbmi.IsSupported && Gfni.V512.IsSupported && BitConverter.IsLittleEndian;

    /// <summary>As <see cref="BitPlanes.Slice"/>.</summary>
    public static void Slice(ReadOnlySpan<ulong> values, int planes, Span<ulong> result)
    {
        Debug.Assert(planes is >= 1 and <= 64);
        int words = BitPlanes.Words(values.Length), w = 0;
        ulong* rest = stackalloc ulong[Block];
        fixed (ulong* source = values, target = result)
        {
            for (; (w + 1) * Block <= values.Length; w++)
            {
                Slice(source + (w * Block), planes, target + w, words);
            }

            if (w < words)
            {
                new Span<ulong>(rest, Block).Clear();
                values[(w * Block)..].CopyTo(new Span<ulong>(rest, Block));
                Slice(rest, planes, target + w, words);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Slice(ulong* x, int planes, ulong* target, int stride)
    {
        // After Gather, word p of vector k holds the bytes p of elements 8k to 8k + 7.
        Vector512<ulong> v0 = Bytes(x), v1 = Bytes(x + 8), v2 = Bytes(x + 16), v3 = Bytes(x + 24), v4 = Bytes(x + 32), v5 = Bytes(x + 40), v6 = Bytes(x + 48), v7 = Bytes(x + 56);
        Vector512<ulong> t0 = Avx512F.UnpackLow(v0, v1), t1 = Avx512F.UnpackHigh(v0, v1), t2 = Avx512F.UnpackLow(v2, v3), t3 = Avx512F.UnpackHigh(v2, v3);
        Vector512<ulong> t4 = Avx512F.UnpackLow(v4, v5), t5 = Avx512F.UnpackHigh(v4, v5), t6 = Avx512F.UnpackLow(v6, v7), t7 = Avx512F.UnpackHigh(v6, v7);
        Vector512<ulong> even = Vector512.Create(0UL, 1, 8, 9, 4, 5, 12, 13), odd = Vector512.Create(2UL, 3, 10, 11, 6, 7, 14, 15);
        Vector512<ulong> lower = Vector512.Create(0UL, 1, 2, 3, 8, 9, 10, 11), upper = Vector512.Create(4UL, 5, 6, 7, 12, 13, 14, 15);
        Vector512<ulong> u0 = Avx512F.PermuteVar8x64x2(t0, even, t2), u1 = Avx512F.PermuteVar8x64x2(t1, even, t3), u2 = Avx512F.PermuteVar8x64x2(t0, odd, t2), u3 = Avx512F.PermuteVar8x64x2(t1, odd, t3);
        Vector512<ulong> u4 = Avx512F.PermuteVar8x64x2(t4, even, t6), u5 = Avx512F.PermuteVar8x64x2(t5, even, t7), u6 = Avx512F.PermuteVar8x64x2(t4, odd, t6), u7 = Avx512F.PermuteVar8x64x2(t5, odd, t7);

        // Now one vector holds byte p of all 64 elements.
        Write(Avx512F.PermuteVar8x64x2(u0, lower, u4), planes, 0, target, stride);
        Write(Avx512F.PermuteVar8x64x2(u1, lower, u5), planes, 8, target, stride);
        Write(Avx512F.PermuteVar8x64x2(u2, lower, u6), planes, 16, target, stride);
        Write(Avx512F.PermuteVar8x64x2(u3, lower, u7), planes, 24, target, stride);
        if (planes > 32)
        {
            Write(Avx512F.PermuteVar8x64x2(u0, upper, u4), planes, 32, target, stride);
            Write(Avx512F.PermuteVar8x64x2(u1, upper, u5), planes, 40, target, stride);
            Write(Avx512F.PermuteVar8x64x2(u2, upper, u6), planes, 48, target, stride);
            Write(Avx512F.PermuteVar8x64x2(u3, upper, u7), planes, 56, target, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Bytes(ulong* x) => Avx512Vbmi.PermuteVar64x8(Vector512.Load(x).AsByte(), Gather).AsUInt64();

    // The affine map of a constant matrix by the data as matrix transposes each block of 8 x 8 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(Vector512<ulong> bytes, int planes, int first, ulong* target, int stride)
    {
        Vector512<byte> bits = Gfni.V512.GaloisFieldAffineTransform(Vector512.Create(0x0102040810204080UL).AsByte(), bytes.AsByte(), 0);
        Vector512<ulong> lines = Avx512Vbmi.PermuteVar64x8(bits, Spread).AsUInt64();
        int count = Math.Min(8, planes - first);
        for (int b = 0; b < count; b++)
        {
            target[(first + b) * (long)stride] = lines[b];
        }
    }

    private static Vector512<byte> Ordered(Func<int, int, (int At, int From)> place)
    {
        Span<byte> order = stackalloc byte[64];
        for (int i = 0; i < 64; i++)
        {
            (int at, int from) = place(i / 8, i % 8);
            order[at] = (byte)from;
        }

        return Vector512.Create<byte>(order);
    }
}
