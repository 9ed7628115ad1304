using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Mpc.Kernels;

/// <summary>Bit planes with 256-bit vectors, 32 elements at a time: low halves → bytes of equal place side by side → the top bit of 32 bytes at once (<c>vpmovmskb</c>).</summary>
internal static unsafe class BitPlanesAvx2
{
    /// <summary>Planes that lie in the low halves of elements.</summary>
    public const int MostPlanes = 32;

    private const int Block = 32;

    public static bool IsSupported => Avx2.IsSupported && BitConverter.IsLittleEndian;

    /// <summary>As <see cref="BitPlanes.Slice"/>, at most 32 planes.</summary>
    public static void Slice(ReadOnlySpan<ulong> values, int planes, Span<ulong> result)
    {
        Debug.Assert(planes is >= 1 and <= MostPlanes);
        int stride = 2 * BitPlanes.Words(values.Length);
        ulong* rest = stackalloc ulong[Block];
        fixed (ulong* source = values)
        fixed (uint* target = MemoryMarshal.Cast<ulong, uint>(result))
        {
            int half = 0;
            for (; (half + 1) * Block <= values.Length; half++)
            {
                Slice(source + (half * Block), planes, target + half, stride);
            }

            int left = values.Length - (half * Block);
            for (int i = 0; i < Block; i++)
            {
                rest[i] = i < left ? source[(half * Block) + i] : 0;
            }

            for (; half < stride; half++)
            {
                Slice(rest, planes, target + half, stride);
                new Span<ulong>(rest, Block).Clear();
            }
        }
    }

    private static void Slice(ulong* values, int planes, uint* target, int stride)
    {
        Vector256<uint> a = Bytes(values), b = Bytes(values + 8), c = Bytes(values + 16), d = Bytes(values + 24);
        Vector256<ulong> low0 = Avx2.UnpackLow(a, b).AsUInt64(), low1 = Avx2.UnpackLow(c, d).AsUInt64();
        Write(Avx2.UnpackLow(low0, low1), Math.Min(8, planes), target, stride);
        if (planes > 8)
        {
            Write(Avx2.UnpackHigh(low0, low1), Math.Min(8, planes - 8), target + (8 * stride), stride);
        }

        if (planes > 16)
        {
            Vector256<ulong> high0 = Avx2.UnpackHigh(a, b).AsUInt64(), high1 = Avx2.UnpackHigh(c, d).AsUInt64();
            Write(Avx2.UnpackLow(high0, high1), Math.Min(8, planes - 16), target + (16 * stride), stride);
            if (planes > 24)
            {
                Write(Avx2.UnpackHigh(high0, high1), planes - 24, target + (24 * stride), stride);
            }
        }
    }

    // Low halves of 8 elements; in each 128-bit lane, the bytes of equal place of four of them side by side.
    private static Vector256<uint> Bytes(ulong* values)
    {
        Vector256<float> halves = Avx.Shuffle(Vector256.Load((float*)values), Vector256.Load((float*)(values + 4)), 0b10_00_10_00);
        Vector256<byte> ordered = Avx2.Permute4x64(halves.AsUInt64(), 0b11_01_10_00).AsByte();
        return Avx2.Shuffle(ordered, Vector256.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)).AsUInt32();
    }

    // The four bytes of each source are in separate lanes still: 0, 2, 4, 6 below and 1, 3, 5, 7 above.
    private static void Write(Vector256<ulong> bytes, int planes, uint* target, int stride)
    {
        Vector256<byte> one = Avx2.PermuteVar8x32(bytes.AsUInt32(), Vector256.Create(0u, 4, 1, 5, 2, 6, 3, 7)).AsByte();
        for (int bit = 7; bit >= 0; bit--, one += one)
        {
            if (bit < planes)
            {
                target[bit * stride] = (uint)Avx2.MoveMask(one);
            }
        }
    }
}
