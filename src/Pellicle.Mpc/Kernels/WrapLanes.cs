using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Mpc.Kernels;

/// <summary>Elementwise passes of the truncation of <c>replicated3</c>: 64-bit values beside lanes of 16 or 32 bits, which carry the term that matters only modulo 2^f.</summary>
/// <remarks>Lanes of 16 bits take eight at a time with AVX-512; everything else runs element by element.</remarks>
internal static class WrapLanes
{
    private const ulong Offset = 1UL << 62;

    /// <summary>lane1 = a - lane0 with a the top bit of z + 2^62.</summary>
    public static void ShareTopBits<TLane>(ReadOnlySpan<ulong> z, ReadOnlySpan<TLane> lane0, Span<TLane> lane1)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        Debug.Assert(z.Length == lane0.Length && z.Length == lane1.Length);
        int i = 0;
        if (IsWide<TLane>())
        {
            ReadOnlySpan<ushort> narrow0 = Narrow(lane0);
            Span<ushort> narrow1 = MemoryMarshal.Cast<TLane, ushort>(lane1);
            for (; i + 8 <= z.Length; i += 8)
            {
                Vector512<ulong> top = (Vector512.Create(z.Slice(i, 8)) + Vector512.Create(Offset)) >>> 63;
                Store(top - Widen(narrow0, i), narrow1, i);
            }
        }

        for (; i < z.Length; i++)
        {
            lane1[i] = unchecked(TLane.CreateTruncating((z[i] + Offset) >> 63) - lane0[i]);
        }
    }

    /// <summary>lane = lane · b + mask with b the top bit of the sum.</summary>
    public static void MultiplyByTop<TLane>(ReadOnlySpan<ulong> sum, ReadOnlySpan<TLane> mask, Span<TLane> lane)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        Debug.Assert(sum.Length == mask.Length && sum.Length == lane.Length);
        int i = 0;
        if (IsWide<TLane>())
        {
            ReadOnlySpan<ushort> narrowMask = Narrow(mask);
            Span<ushort> narrow = MemoryMarshal.Cast<TLane, ushort>(lane);
            for (; i + 8 <= sum.Length; i += 8)
            {
                Vector512<ulong> all = (Vector512.Create(sum.Slice(i, 8)).AsInt64() >> 63).AsUInt64();
                Store((Widen(narrow, i) & all) + Widen(narrowMask, i), narrow, i);
            }
        }

        for (; i < sum.Length; i++)
        {
            lane[i] = unchecked((lane[i] * TLane.CreateTruncating(sum[i] >> 63)) + mask[i]);
        }
    }

    /// <summary>sum = (sum >> f) - (b + r0 + r1) · 2^(64-f) with b the top bit of the sum: slot 2.</summary>
    public static void Finish<TLane>(Span<ulong> sum, ReadOnlySpan<TLane> r0, ReadOnlySpan<TLane> r1, int f)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        Debug.Assert(sum.Length == r0.Length && sum.Length == r1.Length);
        int i = 0, up = 64 - f;
        if (IsWide<TLane>())
        {
            ReadOnlySpan<ushort> narrow0 = Narrow(r0), narrow1 = Narrow(r1);
            for (; i + 8 <= sum.Length; i += 8)
            {
                Vector512<ulong> b = Vector512.Create<ulong>(sum.Slice(i, 8));
                Vector512<ulong> lanes = (b >>> 63) + Widen(narrow0, i) + Widen(narrow1, i);
                ((b >>> f) - (lanes << up)).CopyTo(sum[i..]);
            }
        }

        for (; i < sum.Length; i++)
        {
            ulong lanes = (sum[i] >> 63) + ulong.CreateTruncating(r0[i]) + ulong.CreateTruncating(r1[i]);
            sum[i] = (sum[i] >> f) - (lanes << up);
        }
    }

    /// <summary>values += lanes · 2^(64-f).</summary>
    public static void Add<TLane>(ReadOnlySpan<TLane> lanes, Span<ulong> values, int f)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        Debug.Assert(lanes.Length == values.Length);
        int i = 0, up = 64 - f;
        if (IsWide<TLane>())
        {
            ReadOnlySpan<ushort> narrow = Narrow(lanes);
            for (; i + 8 <= values.Length; i += 8)
            {
                (Vector512.Create<ulong>(values.Slice(i, 8)) + (Widen(narrow, i) << up)).CopyTo(values[i..]);
            }
        }

        for (; i < values.Length; i++)
        {
            values[i] += ulong.CreateTruncating(lanes[i]) << up;
        }
    }

    /// <summary>result = (A >> f) - 2^(62-f) - a · 2^(64-f) - mask with A = z + 2^62 and a its top bit: slot 1 at P0.</summary>
    public static void ShiftAndSplit(ReadOnlySpan<ulong> z, ReadOnlySpan<ulong> mask, Span<ulong> result, int f)
    {
        Debug.Assert(z.Length == mask.Length && z.Length == result.Length);
        int up = 64 - f;
        ulong less = Offset >> f;
        Span<Vector<ulong>> wide = MemoryMarshal.Cast<ulong, Vector<ulong>>(result);
        ReadOnlySpan<Vector<ulong>> vz = MemoryMarshal.Cast<ulong, Vector<ulong>>(z), vm = MemoryMarshal.Cast<ulong, Vector<ulong>>(mask);
        for (int i = 0; i < wide.Length; i++)
        {
            Vector<ulong> a = vz[i] + new Vector<ulong>(Offset);
            wide[i] = (a >>> f) - new Vector<ulong>(less) - ((a >>> 63) << up) - vm[i];
        }

        for (int i = wide.Length * Vector<ulong>.Count; i < result.Length; i++)
        {
            ulong a = z[i] + Offset;
            result[i] = (a >> f) - less - ((a >> 63) << up) - mask[i];
        }
    }

    private static bool IsWide<TLane>() => typeof(TLane) == typeof(ushort) && Avx512F.IsSupported && KernelSelector.Current >= KernelLevel.Avx512;

    private static ReadOnlySpan<ushort> Narrow<TLane>(ReadOnlySpan<TLane> lanes)
        where TLane : unmanaged => MemoryMarshal.Cast<TLane, ushort>(lanes);

    private static Vector512<ulong> Widen(ReadOnlySpan<ushort> lanes, int i) => Avx512F.ConvertToVector512UInt64(Vector128.Create(lanes.Slice(i, 8)));

    private static void Store(Vector512<ulong> values, Span<ushort> lanes, int i) => Avx512F.ConvertToVector128UInt16(values).CopyTo(lanes[i..]);
}
