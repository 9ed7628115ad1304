using System.Numerics;
using System.Runtime.InteropServices;

namespace Pellicle.Mpc.Core;

/// <summary>Elementwise arithmetic on arrays over the ring Z modulo 2^64. Wrap-around is the arithmetic meant here.</summary>
/// <remarks>Signed values are two's complement: -1 is 2^64-1.</remarks>
public static class Ring64
{
    /// <summary>result = a + b.</summary>
    /// <param name="a">Any length.</param>
    /// <param name="b">Length of <paramref name="a"/>.</param>
    /// <param name="result">Length of <paramref name="a"/>; may be one of the operands.</param>
    public static void Add(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        CheckLengths(a.Length, b.Length, result.Length);
        ReadOnlySpan<Vector<ulong>> va = Vectors(a), vb = Vectors(b);
        Span<Vector<ulong>> vr = MemoryMarshal.Cast<ulong, Vector<ulong>>(result);
        for (int i = 0; i < vr.Length; i++)
        {
            vr[i] = va[i] + vb[i];
        }

        for (int i = vr.Length * Vector<ulong>.Count; i < result.Length; i++)
        {
            result[i] = a[i] + b[i];
        }
    }

    /// <summary>result = a - b.</summary>
    /// <param name="a">Any length.</param>
    /// <param name="b">Length of <paramref name="a"/>.</param>
    /// <param name="result">Length of <paramref name="a"/>; may be one of the operands.</param>
    public static void Subtract(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        CheckLengths(a.Length, b.Length, result.Length);
        ReadOnlySpan<Vector<ulong>> va = Vectors(a), vb = Vectors(b);
        Span<Vector<ulong>> vr = MemoryMarshal.Cast<ulong, Vector<ulong>>(result);
        for (int i = 0; i < vr.Length; i++)
        {
            vr[i] = va[i] - vb[i];
        }

        for (int i = vr.Length * Vector<ulong>.Count; i < result.Length; i++)
        {
            result[i] = a[i] - b[i];
        }
    }

    /// <summary>result = a · b, elementwise.</summary>
    /// <param name="a">Any length.</param>
    /// <param name="b">Length of <paramref name="a"/>.</param>
    /// <param name="result">Length of <paramref name="a"/>; may be one of the operands.</param>
    public static void Multiply(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        CheckLengths(a.Length, b.Length, result.Length);
        ReadOnlySpan<Vector<ulong>> va = Vectors(a), vb = Vectors(b);
        Span<Vector<ulong>> vr = MemoryMarshal.Cast<ulong, Vector<ulong>>(result);
        for (int i = 0; i < vr.Length; i++)
        {
            vr[i] = va[i] * vb[i];
        }

        for (int i = vr.Length * Vector<ulong>.Count; i < result.Length; i++)
        {
            result[i] = a[i] * b[i];
        }
    }

    /// <summary>sum += a · b, elementwise.</summary>
    /// <param name="a">Any length.</param>
    /// <param name="b">Length of <paramref name="a"/>.</param>
    /// <param name="sum">Length of <paramref name="a"/>.</param>
    public static void MultiplyAdd(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> sum)
    {
        CheckLengths(a.Length, b.Length, sum.Length);
        ReadOnlySpan<Vector<ulong>> va = Vectors(a), vb = Vectors(b);
        Span<Vector<ulong>> vs = MemoryMarshal.Cast<ulong, Vector<ulong>>(sum);
        for (int i = 0; i < vs.Length; i++)
        {
            vs[i] += va[i] * vb[i];
        }

        for (int i = vs.Length * Vector<ulong>.Count; i < sum.Length; i++)
        {
            sum[i] += a[i] * b[i];
        }
    }

    /// <summary>result = a · factor.</summary>
    /// <param name="a">Any length.</param>
    /// <param name="factor">A public ring element.</param>
    /// <param name="result">Length of <paramref name="a"/>; may be <paramref name="a"/>.</param>
    public static void Scale(ReadOnlySpan<ulong> a, ulong factor, Span<ulong> result)
    {
        CheckLengths(a.Length, a.Length, result.Length);
        ReadOnlySpan<Vector<ulong>> va = Vectors(a);
        Span<Vector<ulong>> vr = MemoryMarshal.Cast<ulong, Vector<ulong>>(result);
        for (int i = 0; i < vr.Length; i++)
        {
            vr[i] = va[i] * factor;
        }

        for (int i = vr.Length * Vector<ulong>.Count; i < result.Length; i++)
        {
            result[i] = a[i] * factor;
        }
    }

    private static ReadOnlySpan<Vector<ulong>> Vectors(ReadOnlySpan<ulong> values) => MemoryMarshal.Cast<ulong, Vector<ulong>>(values);

    private static void CheckLengths(int a, int b, int result)
    {
        if (a != b || a != result)
        {
            throw new ArgumentException($"Lengths {a}, {b} and {result} differ; expected equal lengths.");
        }
    }
}
