using System.Numerics;
using System.Runtime.InteropServices;

namespace Pellicle.Mpc.Kernels;

/// <summary>The product by rows: a row of C takes multiples of rows of B, which are contiguous.</summary>
internal static class RingMatrixPortable
{
    public static void Accumulate(int m, int k, int n, ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> c)
    {
        for (int i = 0; i < m; i++)
        {
            Span<ulong> row = c.Slice(i * n, n);
            Span<Vector<ulong>> wide = MemoryMarshal.Cast<ulong, Vector<ulong>>(row);
            for (int q = 0; q < k; q++)
            {
                ulong factor = a[i * k + q];
                ReadOnlySpan<ulong> source = b.Slice(q * n, n);
                ReadOnlySpan<Vector<ulong>> wideSource = MemoryMarshal.Cast<ulong, Vector<ulong>>(source);
                for (int j = 0; j < wide.Length; j++)
                {
                    wide[j] += wideSource[j] * factor;
                }

                for (int j = wide.Length * Vector<ulong>.Count; j < n; j++)
                {
                    row[j] += source[j] * factor;
                }
            }
        }
    }
}
