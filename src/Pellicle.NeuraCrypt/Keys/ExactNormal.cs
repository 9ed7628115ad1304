namespace Pellicle.NeuraCrypt.Keys;

/// <summary>Standard normal numbers that are the same bit for bit on every machine: Box and Muller 1958 with our own logarithm, sine and cosine.</summary>
/// <remarks>Only +, −, ×, ÷ and √ are used, which IEEE 754 rounds exactly; platform functions may differ in the last bit.
/// Errors of the polynomials are below 4e-16 relative, far below the final rounding to single precision.</remarks>
internal static class ExactNormal
{
    private const double Ln2 = 0.69314718055994530942;

    /// <summary>Two independent normals from 2 × 53 uniform bits.</summary>
    /// <param name="first">Any 64 bits; the upper 53 are used.</param>
    /// <param name="second">Any 64 bits; the upper 53 are used.</param>
    internal static (float Cosine, float Sine) Pair(ulong first, ulong second)
    {
        double u = ((first >> 11) + 1) * (1.0 / (1UL << 53)); // in (0, 1]: the logarithm exists
        double radius = Math.Sqrt(-2 * Log(u));
        (double sine, double cosine) = SinCosOfTurns((second >> 11) * (1.0 / (1UL << 53)));
        return ((float)(radius * cosine), (float)(radius * sine));
    }

    /// <summary>Natural logarithm of a positive normal number: 2 atanh((m−1)/(m+1)) + e ln 2 with m in [√½, √2).</summary>
    internal static double Log(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        double s = (m - 1) / (m + 1);
        double z = s * s;
        double sum = 0;
        for (int k = 23; k >= 3; k -= 2)
        {
            sum = (sum + (1.0 / k)) * z;
        }

        return (exponent * Ln2) + (2 * (s + (s * sum)));
    }

    /// <summary>Sine and cosine of 2πt for t in [0, 1): the octant is exact, then Taylor polynomials up to π/4.</summary>
    internal static (double Sine, double Cosine) SinCosOfTurns(double t)
    {
        double eighths = t * 8; // exact
        int octant = (int)eighths;
        double rest = eighths - octant; // exact, in [0, 1)
        double angle = ((octant & 1) == 0 ? rest : 1 - rest) * (Math.PI / 4);
        double z = angle * angle;
        double sine = 0;
        double cosine = 0;
        for (int k = 17; k >= 3; k -= 2)
        {
            sine = (1 + sine) * (-z / (k * (k - 1)));
        }

        for (int k = 18; k >= 2; k -= 2)
        {
            cosine = (1 + cosine) * (-z / (k * (k - 1)));
        }

        double s = angle + (angle * sine);
        double c = 1 + cosine;
        return octant switch
        {
            0 => (s, c),
            1 => (c, s),
            2 => (c, -s),
            3 => (s, -c),
            4 => (-s, -c),
            5 => (-c, -s),
            6 => (-c, s),
            _ => (-s, c),
        };
    }
}
