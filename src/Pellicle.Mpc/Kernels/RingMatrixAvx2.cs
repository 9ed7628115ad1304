using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Mpc.Kernels;

/// <summary>The product with 256-bit vectors: tiles of 4 rows and 4 columns, B packed in panels of 4 columns.</summary>
/// <remarks>a·b modulo 2^64 = lo(a)·lo(b) + 2^32·(lo(a)·hi(b) + hi(a)·lo(b)), each a 32-bit product with a 64-bit result (<c>vpmuludq</c>). The bracket is
/// added up in accumulators of its own and shifted once at the end of a block: three products and three additions for four multiply-adds.</remarks>
internal static unsafe class RingMatrixAvx2
{
    private const int Columns = 4;
    private const int Depth = 256; // a packed panel of 8 KiB stays in the first-level cache while all rows pass by

    public static void Accumulate(int m, int k, int n, ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> c)
    {
        fixed (ulong* pa = a, pb = b, pc = c)
        {
            if (n == 1)
            {
                Vector(m, k, pa, pb, pc);
                return;
            }

            ulong* panel = stackalloc ulong[Depth * Columns];
            ulong* tile = stackalloc ulong[4 * Columns];
            for (int start = 0; start < k; start += Depth)
            {
                int depth = Math.Min(Depth, k - start);
                for (int j = 0; j < n; j += Columns)
                {
                    int width = Math.Min(Columns, n - j);
                    Pack(pb + ((long)start * n) + j, n, depth, width, panel);
                    for (int i = 0; i < m; i += 4)
                    {
                        int rows = Math.Min(4, m - i);
                        Tile(rows, depth, pa + ((long)i * k) + start, k, panel, tile);
                        for (int r = 0; r < rows; r++)
                        {
                            for (int q = 0; q < width; q++)
                            {
                                pc[((long)(i + r) * n) + j + q] += tile[(r * Columns) + q];
                            }
                        }
                    }
                }
            }
        }
    }

    private static void Pack(ulong* source, int stride, int depth, int width, ulong* panel)
    {
        for (int q = 0; q < depth; q++, source += stride, panel += Columns)
        {
            for (int j = 0; j < Columns; j++)
            {
                panel[j] = j < width ? source[j] : 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(int rows, int depth, ulong* a, int stride, ulong* panel, ulong* tile)
    {
        // Missing rows repeat the last one: their results are not used.
        uint* a0 = (uint*)a;
        uint* a1 = (uint*)(a + ((long)Math.Min(1, rows - 1) * stride));
        uint* a2 = (uint*)(a + ((long)Math.Min(2, rows - 1) * stride));
        uint* a3 = (uint*)(a + ((long)(rows - 1) * stride));
        Vector256<ulong> low0 = default, low1 = default, low2 = default, low3 = default;
        Vector256<ulong> mid0 = default, mid1 = default, mid2 = default, mid3 = default;
        for (int q = 0; q < depth; q++, panel += Columns)
        {
            Vector256<ulong> word = Vector256.Load(panel);
            Vector256<uint> b = word.AsUInt32();
            Vector256<uint> high = (word >>> 32).AsUInt32();
            Step(a0 + (2 * q), b, high, ref low0, ref mid0);
            Step(a1 + (2 * q), b, high, ref low1, ref mid1);
            Step(a2 + (2 * q), b, high, ref low2, ref mid2);
            Step(a3 + (2 * q), b, high, ref low3, ref mid3);
        }

        (low0 + (mid0 << 32)).Store(tile);
        (low1 + (mid1 << 32)).Store(tile + Columns);
        (low2 + (mid2 << 32)).Store(tile + (2 * Columns));
        (low3 + (mid3 << 32)).Store(tile + (3 * Columns));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(uint* a, Vector256<uint> b, Vector256<uint> high, ref Vector256<ulong> low, ref Vector256<ulong> mid)
    {
        Vector256<uint> lowFactor = Avx2.BroadcastScalarToVector256(a);
        Vector256<uint> highFactor = Avx2.BroadcastScalarToVector256(a + 1);
        low += Avx2.Multiply(lowFactor, b);
        mid += Avx2.Multiply(lowFactor, high) + Avx2.Multiply(highFactor, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vector(int m, int k, ulong* a, ulong* x, ulong* y)
    {
        for (int i = 0; i < m; i++, a += k)
        {
            Vector256<ulong> low = default, mid = default;
            int q = 0;
            for (; q + 4 <= k; q += 4)
            {
                Vector256<ulong> left = Vector256.Load(a + q), right = Vector256.Load(x + q);
                low += Avx2.Multiply(left.AsUInt32(), right.AsUInt32());
                mid += Avx2.Multiply(left.AsUInt32(), (right >>> 32).AsUInt32()) + Avx2.Multiply((left >>> 32).AsUInt32(), right.AsUInt32());
            }

            ulong sum = Vector256.Sum(low + (mid << 32));
            for (; q < k; q++)
            {
                sum += a[q] * x[q];
            }

            y[i] += sum;
        }
    }
}
