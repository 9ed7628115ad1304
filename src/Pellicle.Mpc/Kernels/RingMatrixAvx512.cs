using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Mpc.Kernels;

/// <summary>The product with 512-bit vectors and native 64-bit products: tiles of 8 rows and 16 columns in 16 registers, B packed in panels of 16 columns.</summary>
internal static unsafe class RingMatrixAvx512
{
    private const int TileRows = 8;
    private const int TileColumns = 16;
    private const int Depth = 256; // 8 rows of A, 16 KiB, stay in the first-level cache while all panels pass by
    private const int BlockColumns = 256; // packed panels of 512 KiB stay in the second-level cache

    public static void Accumulate(int m, int k, int n, ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> c)
    {
        fixed (ulong* pa = a, pb = b, pc = c)
        {
            if (n == 1)
            {
                Vector(m, k, pa, pb, pc);
                return;
            }

            int width = Math.Min(BlockColumns, (n + TileColumns - 1) / TileColumns * TileColumns);
            ulong* panels = (ulong*)NativeMemory.AlignedAlloc((nuint)Math.Min(Depth, k) * (nuint)width * sizeof(ulong), 64);
            try
            {
                for (int first = 0; first < n; first += BlockColumns)
                {
                    for (int start = 0; start < k; start += Depth)
                    {
                        int depth = Math.Min(Depth, k - start), count = Math.Min(BlockColumns, n - first);
                        Pack(pb + ((long)start * n) + first, n, depth, count, panels);
                        Multiply(m, depth, count, pa + start, k, panels, pc + first, n);
                    }
                }
            }
            finally
            {
                NativeMemory.AlignedFree(panels);
            }
        }
    }

    private static void Pack(ulong* source, int stride, int depth, int count, ulong* panels)
    {
        for (int j = 0; j < count; j += TileColumns)
        {
            int width = Math.Min(TileColumns, count - j);
            ulong* line = source + j;
            for (int q = 0; q < depth; q++, line += stride, panels += TileColumns)
            {
                if (width == TileColumns)
                {
                    Vector512.Load(line).Store(panels);
                    Vector512.Load(line + 8).Store(panels + 8);
                    continue;
                }

                for (int i = 0; i < TileColumns; i++)
                {
                    panels[i] = i < width ? line[i] : 0;
                }
            }
        }
    }

    private static void Multiply(int m, int depth, int count, ulong* a, int strideA, ulong* panels, ulong* c, int strideC)
    {
        ulong* edge = stackalloc ulong[TileColumns];
        for (int i = 0; i < m; i += TileRows)
        {
            int rows = Math.Min(TileRows, m - i);
            ulong* factors = a + ((long)i * strideA), panel = panels;
            for (int j = 0; j < count; j += TileColumns, panel += depth * TileColumns)
            {
                int width = Math.Min(TileColumns, count - j);
                ulong* target = c + ((long)i * strideC) + j;
                if (rows == TileRows && width == TileColumns)
                {
                    Tile(depth, factors, strideA, panel, target, strideC);
                    continue;
                }

                for (int r = 0; r < rows; r++)
                {
                    ulong* line = target + ((long)r * strideC), place = width == TileColumns ? line : edge;
                    if (place == edge)
                    {
                        new Span<ulong>(edge, TileColumns).Clear();
                    }

                    Row(depth, factors + ((long)r * strideA), panel, place);
                    for (int q = 0; place == edge && q < width; q++)
                    {
                        line[q] += edge[q];
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Times(Vector512<ulong> a, Vector512<ulong> b) => Avx512DQ.MultiplyLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(int depth, ulong* a, int strideA, ulong* panel, ulong* c, int strideC)
    {
        ulong* a1 = a + strideA, a2 = a1 + strideA, a3 = a2 + strideA, a4 = a3 + strideA, a5 = a4 + strideA, a6 = a5 + strideA, a7 = a6 + strideA;
        ulong* r1 = c + strideC, r2 = r1 + strideC, r3 = r2 + strideC, r4 = r3 + strideC, r5 = r4 + strideC, r6 = r5 + strideC, r7 = r6 + strideC;
        Vector512<ulong> c00 = Vector512.Load(c), c01 = Vector512.Load(c + 8), c10 = Vector512.Load(r1), c11 = Vector512.Load(r1 + 8);
        Vector512<ulong> c20 = Vector512.Load(r2), c21 = Vector512.Load(r2 + 8), c30 = Vector512.Load(r3), c31 = Vector512.Load(r3 + 8);
        Vector512<ulong> c40 = Vector512.Load(r4), c41 = Vector512.Load(r4 + 8), c50 = Vector512.Load(r5), c51 = Vector512.Load(r5 + 8);
        Vector512<ulong> c60 = Vector512.Load(r6), c61 = Vector512.Load(r6 + 8), c70 = Vector512.Load(r7), c71 = Vector512.Load(r7 + 8);
        for (int q = 0; q < depth; q++, panel += TileColumns)
        {
            Vector512<ulong> b0 = Vector512.Load(panel), b1 = Vector512.Load(panel + 8);
            Vector512<ulong> v = Vector512.Create(a[q]);
            c00 += Times(v, b0);
            c01 += Times(v, b1);
            v = Vector512.Create(a1[q]);
            c10 += Times(v, b0);
            c11 += Times(v, b1);
            v = Vector512.Create(a2[q]);
            c20 += Times(v, b0);
            c21 += Times(v, b1);
            v = Vector512.Create(a3[q]);
            c30 += Times(v, b0);
            c31 += Times(v, b1);
            v = Vector512.Create(a4[q]);
            c40 += Times(v, b0);
            c41 += Times(v, b1);
            v = Vector512.Create(a5[q]);
            c50 += Times(v, b0);
            c51 += Times(v, b1);
            v = Vector512.Create(a6[q]);
            c60 += Times(v, b0);
            c61 += Times(v, b1);
            v = Vector512.Create(a7[q]);
            c70 += Times(v, b0);
            c71 += Times(v, b1);
        }

        c00.Store(c);
        c01.Store(c + 8);
        c10.Store(r1);
        c11.Store(r1 + 8);
        c20.Store(r2);
        c21.Store(r2 + 8);
        c30.Store(r3);
        c31.Store(r3 + 8);
        c40.Store(r4);
        c41.Store(r4 + 8);
        c50.Store(r5);
        c51.Store(r5 + 8);
        c60.Store(r6);
        c61.Store(r6 + 8);
        c70.Store(r7);
        c71.Store(r7 + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(int depth, ulong* a, ulong* panel, ulong* c)
    {
        Vector512<ulong> c0 = Vector512.Load(c), c1 = Vector512.Load(c + 8), d0 = default, d1 = default;
        int q = 0;
        for (; q + 2 <= depth; q += 2, panel += 2 * TileColumns)
        {
            Vector512<ulong> v = Vector512.Create(a[q]), w = Vector512.Create(a[q + 1]);
            c0 += Times(v, Vector512.Load(panel));
            c1 += Times(v, Vector512.Load(panel + 8));
            d0 += Times(w, Vector512.Load(panel + 16));
            d1 += Times(w, Vector512.Load(panel + 24));
        }

        if (q < depth)
        {
            Vector512<ulong> v = Vector512.Create(a[q]);
            c0 += Times(v, Vector512.Load(panel));
            c1 += Times(v, Vector512.Load(panel + 8));
        }

        (c0 + d0).Store(c);
        (c1 + d1).Store(c + 8);
    }

    // Four rows at once share the loads of x.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vector(int m, int k, ulong* a, ulong* x, ulong* y)
    {
        int i = 0, whole = k & ~7;
        for (; i + 4 <= m; i += 4, a += 4L * k)
        {
            ulong* a1 = a + k, a2 = a1 + k, a3 = a2 + k;
            Vector512<ulong> s0 = default, s1 = default, s2 = default, s3 = default;
            for (int q = 0; q < whole; q += 8)
            {
                Vector512<ulong> v = Vector512.Load(x + q);
                s0 += Times(v, Vector512.Load(a + q));
                s1 += Times(v, Vector512.Load(a1 + q));
                s2 += Times(v, Vector512.Load(a2 + q));
                s3 += Times(v, Vector512.Load(a3 + q));
            }

            y[i] += Vector512.Sum(s0) + Rest(a, x, whole, k);
            y[i + 1] += Vector512.Sum(s1) + Rest(a1, x, whole, k);
            y[i + 2] += Vector512.Sum(s2) + Rest(a2, x, whole, k);
            y[i + 3] += Vector512.Sum(s3) + Rest(a3, x, whole, k);
        }

        for (; i < m; i++, a += k)
        {
            Vector512<ulong> sum = default;
            for (int q = 0; q < whole; q += 8)
            {
                sum += Times(Vector512.Load(x + q), Vector512.Load(a + q));
            }

            y[i] += Vector512.Sum(sum) + Rest(a, x, whole, k);
        }
    }

    private static ulong Rest(ulong* a, ulong* x, int first, int k)
    {
        ulong sum = 0;
        for (int q = first; q < k; q++)
        {
            sum += a[q] * x[q];
        }

        return sum;
    }
}
