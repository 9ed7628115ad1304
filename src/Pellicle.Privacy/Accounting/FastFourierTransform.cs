using System.Numerics;
using System.Runtime.InteropServices;

namespace Pellicle.Privacy.Accounting;

/// <summary>Complex Fourier transform of power-of-two length, in place, on separate real and imaginary arrays.</summary>
/// <remarks>Forward decimates in frequency and leaves the spectrum in bit-reversed order; Inverse takes that order back. Convolution
/// needs nothing else, so no permutation pass is made. Depth first, so that blocks stay in cache. Twiddles of large blocks are
/// products of two small tables, each entry correct to about two units in the last place.</remarks>
internal static class FastFourierTransform
{
    private const int Tile = 512;

    /// <summary>Cosines and negative sines of level with half length 2^k at index 2^k.</summary>
    private static readonly double[] SmallCos = MakeSmall(static a => Math.Cos(a));
    private static readonly double[] SmallSin = MakeSmall(static a => -Math.Sin(a));

    /// <summary>Natural order to bit-reversed spectrum, exponent −2πi.</summary>
    public static void Forward(Span<double> re, Span<double> im)
    {
        int half = re.Length / 2;
        if (half == 0)
        {
            return;
        }

        Level(re, im, half, isForward: true);
        Forward(re[..half], im[..half]);
        Forward(re[half..], im[half..]);
    }

    /// <summary>Bit-reversed spectrum to natural order, without the factor 1/N.</summary>
    public static void Inverse(Span<double> re, Span<double> im)
    {
        int half = re.Length / 2;
        if (half == 0)
        {
            return;
        }

        Inverse(re[..half], im[..half]);
        Inverse(re[half..], im[half..]);
        Level(re, im, half, isForward: false);
    }

    private static void Level(Span<double> re, Span<double> im, int half, bool isForward)
    {
        if (half <= Tile)
        {
            Butterflies(re, im, half, 0, half, SmallCos.AsSpan(half, half), SmallSin.AsSpan(half, half), isForward);
            return;
        }

        Span<double> cos = stackalloc double[Tile];
        Span<double> sin = stackalloc double[Tile];
        double angle = -Math.PI / half;
        Span<double> fineCos = stackalloc double[Tile];
        Span<double> fineSin = stackalloc double[Tile];
        for (int j = 0; j < Tile; j++)
        {
            (fineSin[j], fineCos[j]) = Math.SinCos(angle * j);
        }

        for (int start = 0; start < half; start += Tile)
        {
            (double s, double c) = Math.SinCos(angle * start);
            for (int j = 0; j < Tile; j++)
            {
                cos[j] = c * fineCos[j] - s * fineSin[j];
                sin[j] = c * fineSin[j] + s * fineCos[j];
            }

            Butterflies(re, im, half, start, Tile, cos, sin, isForward);
        }
    }

    /// <summary>Butterflies j = start … start + count − 1 of one block with twiddles e^(−πi j/half).</summary>
    private static void Butterflies(Span<double> re, Span<double> im, int half, int start, int count, ReadOnlySpan<double> cos, ReadOnlySpan<double> sin, bool isForward)
    {
        Span<double> r0 = re.Slice(start, count);
        Span<double> i0 = im.Slice(start, count);
        Span<double> r1 = re.Slice(half + start, count);
        Span<double> i1 = im.Slice(half + start, count);
        int lanes = Vector<double>.Count;
        int j = 0;
        if (count >= lanes)
        {
            Span<Vector<double>> vr0 = MemoryMarshal.Cast<double, Vector<double>>(r0);
            Span<Vector<double>> vi0 = MemoryMarshal.Cast<double, Vector<double>>(i0);
            Span<Vector<double>> vr1 = MemoryMarshal.Cast<double, Vector<double>>(r1);
            Span<Vector<double>> vi1 = MemoryMarshal.Cast<double, Vector<double>>(i1);
            ReadOnlySpan<Vector<double>> vc = MemoryMarshal.Cast<double, Vector<double>>(cos);
            ReadOnlySpan<Vector<double>> vs = MemoryMarshal.Cast<double, Vector<double>>(sin);
            for (int k = 0; k < vr0.Length && k < vi0.Length && k < vr1.Length && k < vi1.Length && k < vc.Length && k < vs.Length; k++)
            {
                Vector<double> a = vr0[k];
                Vector<double> b = vi0[k];
                Vector<double> c = vr1[k];
                Vector<double> d = vi1[k];
                if (isForward)
                {
                    vr0[k] = a + c;
                    vi0[k] = b + d;
                    a -= c;
                    b -= d;
                    vr1[k] = a * vc[k] - b * vs[k];
                    vi1[k] = a * vs[k] + b * vc[k];
                }
                else
                {
                    Vector<double> e = c * vc[k] + d * vs[k];
                    Vector<double> f = d * vc[k] - c * vs[k];
                    vr0[k] = a + e;
                    vi0[k] = b + f;
                    vr1[k] = a - e;
                    vi1[k] = b - f;
                }
            }

            j = count / lanes * lanes;
        }

        for (; j < count; j++)
        {
            double a = r0[j];
            double b = i0[j];
            double c = r1[j];
            double d = i1[j];
            if (isForward)
            {
                r0[j] = a + c;
                i0[j] = b + d;
                a -= c;
                b -= d;
                r1[j] = a * cos[j] - b * sin[j];
                i1[j] = a * sin[j] + b * cos[j];
            }
            else
            {
                double e = c * cos[j] + d * sin[j];
                double f = d * cos[j] - c * sin[j];
                r0[j] = a + e;
                i0[j] = b + f;
                r1[j] = a - e;
                i1[j] = b - f;
            }
        }
    }

    private static double[] MakeSmall(Func<double, double> f)
    {
        double[] table = new double[2 * Tile];
        for (int half = 1; half <= Tile; half *= 2)
        {
            for (int j = 0; j < half; j++)
            {
                table[half + j] = f(Math.PI * j / half);
            }
        }

        return table;
    }
}
