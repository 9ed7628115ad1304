namespace Pellicle.Mpc.Kernels;

/// <summary>The product as three loops.</summary>
internal static class RingMatrixReference
{
    public static void Accumulate(int m, int k, int n, ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> c)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                ulong sum = c[i * n + j];
                for (int q = 0; q < k; q++)
                {
                    sum += a[i * k + q] * b[q * n + j];
                }

                c[i * n + j] = sum;
            }
        }
    }
}
