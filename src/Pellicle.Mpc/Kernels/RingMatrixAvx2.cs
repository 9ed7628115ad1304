using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Mpc.Kernels;

/// <summary>The product with 256-bit vectors: tiles of 4 rows and 4 columns, B packed in panels of 4 columns.</summary>
/// <remarks>a·b modulo 2^64 = lo(a)·lo(b) + 2^32·(lo(a)·hi(b) + hi(a)·lo(b)). The first product is <c>vpmuludq</c>; of the bracket only the low 32 bits count, so
/// both its products are one <c>vpmulld</c> of a and b with its halves swapped, added up in 32-bit lanes and joined once at the end of a block: two products and two additions for four multiply-adds.</remarks>
internal static unsafe class RingMatrixAvx2
{
    private const int Columns = 4;
    private const int Depth = 256;
    private const int BlockColumns = 64; // a block of 128 KiB stays in the second-level cache while all rows pass by
    private const byte SwapHalves = 0b10_11_00_01;

    public static void Accumulate(int m, int k, int n, ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> c)
    {
        fixed (ulong* pa = a, pb = b, pc = c)
        {
            if (n == 1)
            {
                Vector(m, k, pa, pb, pc);
                return;
            }

            ulong[] packed = System.Buffers.ArrayPool<ulong>.Shared.Rent(Depth * BlockColumns);
            fixed (ulong* block = packed)
            {
                for (int start = 0; start < k; start += Depth)
                {
                    int depth = Math.Min(Depth, k - start);
                    for (int first = 0; first < n; first += BlockColumns)
                    {
                        Block(m, k, n, start, depth, first, Math.Min(BlockColumns, n - first), pa, pb, pc, block);
                    }
                }
            }

            System.Buffers.ArrayPool<ulong>.Shared.Return(packed, clearArray: true);
        }
    }

    private static void Block(int m, int k, int n, int start, int depth, int first, int width, ulong* a, ulong* b, ulong* c, ulong* block)
    {
        ulong* tile = stackalloc ulong[4 * Columns];
        int panels = (width + Columns - 1) / Columns;
        for (int p = 0; p < panels; p++)
        {
            Pack(b + ((long)start * n) + first + (p * Columns), n, depth, Math.Min(Columns, width - (p * Columns)), block + ((long)p * depth * Columns));
        }

        for (int i = 0; i < m; i += 4)
        {
            int rows = Math.Min(4, m - i);
            for (int p = 0; p < panels; p++)
            {
                Tile(rows, depth, a + ((long)i * k) + start, k, block + ((long)p * depth * Columns), tile);
                ulong* target = c + ((long)i * n) + first + (p * Columns);
                int filled = Math.Min(Columns, width - (p * Columns));
                for (int r = 0; r < rows; r++, target += n)
                {
                    if (filled == Columns)
                    {
                        (Vector256.Load(target) + Vector256.Load(tile + (r * Columns))).Store(target);
                        continue;
                    }

                    for (int q = 0; q < filled; q++)
                    {
                        target[q] += tile[(r * Columns) + q];
                    }
                }
            }
        }
    }

    private static void Pack(ulong* source, int stride, int depth, int width, ulong* panel)
    {
        if (width == Columns)
        {
            for (int q = 0; q < depth; q++, source += stride, panel += Columns)
            {
                Vector256.Load(source).Store(panel);
            }

            return;
        }

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
        ulong* a0 = a;
        ulong* a1 = a + ((long)Math.Min(1, rows - 1) * stride);
        ulong* a2 = a + ((long)Math.Min(2, rows - 1) * stride);
        ulong* a3 = a + ((long)(rows - 1) * stride);
        Vector256<ulong> low0 = default, low1 = default, low2 = default, low3 = default;
        Vector256<uint> mid0 = default, mid1 = default, mid2 = default, mid3 = default;
        for (int q = 0; q < depth; q++, panel += Columns)
        {
            Vector256<uint> b = Vector256.Load(panel).AsUInt32();
            Vector256<uint> swapped = Avx2.Shuffle(b, SwapHalves);
            Vector256<uint> f0 = Avx2.BroadcastScalarToVector256(a0 + q).AsUInt32();
            low0 += Avx2.Multiply(f0, b);
            mid0 += Avx2.MultiplyLow(f0, swapped);
            Vector256<uint> f1 = Avx2.BroadcastScalarToVector256(a1 + q).AsUInt32();
            low1 += Avx2.Multiply(f1, b);
            mid1 += Avx2.MultiplyLow(f1, swapped);
            Vector256<uint> f2 = Avx2.BroadcastScalarToVector256(a2 + q).AsUInt32();
            low2 += Avx2.Multiply(f2, b);
            mid2 += Avx2.MultiplyLow(f2, swapped);
            Vector256<uint> f3 = Avx2.BroadcastScalarToVector256(a3 + q).AsUInt32();
            low3 += Avx2.Multiply(f3, b);
            mid3 += Avx2.MultiplyLow(f3, swapped);
        }

        Join(low0, mid0).Store(tile);
        Join(low1, mid1).Store(tile + Columns);
        Join(low2, mid2).Store(tile + (2 * Columns));
        Join(low3, mid3).Store(tile + (3 * Columns));
    }

    // Both 32-bit sums of a lane count 2^32.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Join(Vector256<ulong> low, Vector256<uint> mid) => low + ((mid + Avx2.Shuffle(mid, SwapHalves)).AsUInt64() << 32);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vector(int m, int k, ulong* a, ulong* x, ulong* y)
    {
        for (int i = 0; i < m; i++, a += k)
        {
            Vector256<ulong> low = default;
            Vector256<uint> mid = default;
            int q = 0;
            for (; q + 4 <= k; q += 4)
            {
                Vector256<uint> left = Vector256.Load(a + q).AsUInt32(), right = Vector256.Load(x + q).AsUInt32();
                low += Avx2.Multiply(left, right);
                mid += Avx2.MultiplyLow(left, Avx2.Shuffle(right, SwapHalves));
            }

            ulong sum = Vector256.Sum(Join(low, mid));
            for (; q < k; q++)
            {
                sum += a[q] * x[q];
            }

            y[i] += sum;
        }
    }
}
