namespace Pellicle.Mpc.Kernels;

/// <summary>Matrix product modulo 2^64, row-major: C[m, n] += A[m, k] · B[k, n].</summary>
public static class RingMatrix
{
    /// <summary>Multiplies with the level in use.</summary>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="a">[m, k].</param>
    /// <param name="b">[k, n].</param>
    /// <param name="c">[m, n]; the product is added.</param>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void MultiplyAdd(int m, int k, int n, ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> c) =>
        MultiplyAdd(KernelSelector.Current, m, k, n, a, b, c);

    /// <summary>Multiplies with a given level.</summary>
    /// <param name="level">An available level.</param>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="a">[m, k].</param>
    /// <param name="b">[k, n].</param>
    /// <param name="c">[m, n]; the product is added.</param>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void MultiplyAdd(KernelLevel level, int m, int k, int n, ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> c)
    {
        if (a.Length != (long)m * k || b.Length != (long)k * n || c.Length != (long)m * n)
        {
            throw new ArgumentException($"A, B and C have {a.Length}, {b.Length} and {c.Length} elements; expected {m}x{k}, {k}x{n} and {m}x{n}.");
        }

        switch (level)
        {
            case KernelLevel.Avx512:
                RingMatrixAvx512.Accumulate(m, k, n, a, b, c);
                break;
            case KernelLevel.Avx2:
                RingMatrixAvx2.Accumulate(m, k, n, a, b, c);
                break;
            case KernelLevel.Portable:
                RingMatrixPortable.Accumulate(m, k, n, a, b, c);
                break;
            default:
                RingMatrixReference.Accumulate(m, k, n, a, b, c);
                break;
        }
    }
}
