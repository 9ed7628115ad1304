using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Mpc.Kernels;

/// <summary>The product with 512-bit vectors and native 64-bit products: tiles of 4 rows and 8 columns, B packed in panels of 8 columns.</summary>
internal static unsafe class RingMatrixAvx512
{
    private const int Columns = 8;
    private const int Depth = 256; // a packed panel of 16 KiB stays in the first-level cache while all rows pass by

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
        ulong* a1 = a + ((long)Math.Min(1, rows - 1) * stride);
        ulong* a2 = a + ((long)Math.Min(2, rows - 1) * stride);
        ulong* a3 = a + ((long)(rows - 1) * stride);
        Vector512<ulong> c0 = default, c1 = default, c2 = default, c3 = default;
        for (int q = 0; q < depth; q++, panel += Columns)
        {
            Vector512<ulong> b = Vector512.Load(panel);
            c0 += Avx512DQ.MultiplyLow(Vector512.Create(a[q]), b);
            c1 += Avx512DQ.MultiplyLow(Vector512.Create(a1[q]), b);
            c2 += Avx512DQ.MultiplyLow(Vector512.Create(a2[q]), b);
            c3 += Avx512DQ.MultiplyLow(Vector512.Create(a3[q]), b);
        }

        c0.Store(tile);
        c1.Store(tile + Columns);
        c2.Store(tile + (2 * Columns));
        c3.Store(tile + (3 * Columns));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vector(int m, int k, ulong* a, ulong* x, ulong* y)
    {
        for (int i = 0; i < m; i++, a += k)
        {
            Vector512<ulong> wide = default;
            int q = 0;
            for (; q + 8 <= k; q += 8)
            {
                wide += Avx512DQ.MultiplyLow(Vector512.Load(a + q), Vector512.Load(x + q));
            }

            ulong sum = Vector512.Sum(wide);
            for (; q < k; q++)
            {
                sum += a[q] * x[q];
            }

            y[i] += sum;
        }
    }
}
