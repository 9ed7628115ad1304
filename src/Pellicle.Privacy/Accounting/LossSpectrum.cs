namespace Pellicle.Privacy.Accounting;

/// <summary>Spectra of two real mass functions on one cyclic mesh: direction "remove" and direction "add", sharing one complex transform.</summary>
/// <remarks>The masses go into the real and the imaginary part. Both spectra are conjugate symmetric, so half of each suffices:
/// position p of the bit-reversed order holds the one, its partner (the frequency −k, which stands mirrored within the same
/// power-of-two block) the other. Positions 0 and 1 are frequency 0 and N/2, where both are real.</remarks>
internal sealed class LossSpectrum
{
    private readonly double[] _re;
    private readonly double[] _im;

    private LossSpectrum(double[] re, double[] im)
    {
        _re = re;
        _im = im;
    }

    /// <summary>Number of mesh points.</summary>
    public int Length => _re.Length;

    /// <summary>Transforms two mass functions; the arrays are taken over.</summary>
    public static LossSpectrum Of(double[] remove, double[] add)
    {
        FastFourierTransform.Forward(remove, add);
        for (int block = 2; block < remove.Length; block *= 2)
        {
            for (int p = block, m = 2 * block - 1; p < m; p++, m--)
            {
                // Z_k = R + iA, Z_−k = conj(R) + i·conj(A).
                double a = remove[p];
                double b = add[p];
                double c = remove[m];
                double d = add[m];
                remove[p] = 0.5 * (a + c);
                add[p] = 0.5 * (b - d);
                remove[m] = 0.5 * (b + d);
                add[m] = 0.5 * (c - a);
            }
        }

        return new LossSpectrum(remove, add);
    }

    /// <summary>The spectrum of so many independent copies.</summary>
    public LossSpectrum Power(long steps)
    {
        double[] re = new double[Length];
        double[] im = new double[Length];
        for (int p = 0; p < Math.Min(2, Length); p++)
        {
            re[p] = Math.Pow(_re[p], steps);
            im[p] = Math.Pow(_im[p], steps);
        }

        // |z|² below this gives |z|^steps below 1e-40: far under the rounding of the transform.
        double negligible = Math.Exp(-184.0 / steps);
        for (int p = 2; p < re.Length; p++)
        {
            double a = _re[p];
            double b = _im[p];
            if (a * a + b * b < negligible)
            {
                continue;
            }

            double x = 1;
            double y = 0;
            for (long bits = steps; ; bits >>= 1)
            {
                if ((bits & 1) != 0)
                {
                    (x, y) = (x * a - y * b, x * b + y * a);
                    if (bits == 1)
                    {
                        break;
                    }
                }

                (a, b) = ((a - b) * (a + b), 2 * a * b);
            }

            re[p] = x;
            im[p] = y;
        }

        return new LossSpectrum(re, im);
    }

    /// <summary>Multiplies by another spectrum, in place: the losses are added.</summary>
    public void Multiply(LossSpectrum other)
    {
        for (int p = 0; p < Length; p++)
        {
            double a = _re[p];
            double b = _im[p];
            double c = other._re[p];
            double d = other._im[p];
            (_re[p], _im[p]) = p < 2 ? (a * c, b * d) : (a * c - b * d, a * d + b * c);
        }
    }

    /// <summary>Transforms back, in place; this object is used up.</summary>
    /// <returns>Mass functions on the cyclic mesh, up to rounding of about 1e-16 per entry.</returns>
    public (double[] Remove, double[] Add) ToMasses()
    {
        for (int block = 2; block < Length; block *= 2)
        {
            for (int p = block, m = 2 * block - 1; p < m; p++, m--)
            {
                double rr = _re[p];
                double ri = _im[p];
                double ar = _re[m];
                double ai = _im[m];
                _re[p] = rr - ai;
                _im[p] = ri + ar;
                _re[m] = rr + ai;
                _im[m] = ar - ri;
            }
        }

        FastFourierTransform.Inverse(_re, _im);
        double scale = 1.0 / Length;
        for (int i = 0; i < Length; i++)
        {
            _re[i] *= scale;
            _im[i] *= scale;
        }

        return (_re, _im);
    }
}
