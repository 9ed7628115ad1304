namespace Pellicle.Nn;

/// <summary>Complex Morlet wavelets of one scale in equally spaced directions, in space: the filters of the scattering transform.</summary>
/// <remarks>
/// ψ(u) = g(u) (e^{iξ·u} − κ) with a Gaussian window g of width σ = 0.8·2^j along the wave and σ/slant across it, |ξ| = 3π/4·2^−j and
/// slant = 4/L; κ makes the mean zero, so that constant images give nothing (Bruna and Mallat 2013, section 2; the constants are those
/// of the programs ScatNet and Kymatio). Windows end at three standard deviations.
/// </remarks>
internal sealed class MorletBank
{
    private const double BaseWidth = 0.8;
    private const double BaseFrequency = 3 * Math.PI / 4;

    /// <summary>Computes the filters.</summary>
    /// <param name="scale">j, at least 0.</param>
    /// <param name="angles">L, at least 1.</param>
    public MorletBank(int scale, int angles)
    {
        double width = WidthAt(scale);
        double slant = 4.0 / angles;
        Angles = angles;
        Radius = (int)Math.Ceiling(3 * width / Math.Min(slant, 1));
        int taps = Side * Side;
        Values = new double[2 * angles * taps];
        for (int angle = 0; angle < angles; angle++)
        {
            Fill(Values.AsSpan(angle * taps, taps), Values.AsSpan((angles + angle) * taps, taps), width, slant, BaseFrequency / (1 << scale), Math.PI * angle / angles);
        }
    }

    /// <summary>L.</summary>
    public int Angles { get; }

    /// <summary>Taps on each side of the centre.</summary>
    public int Radius { get; }

    /// <summary>Taps on a side.</summary>
    public int Side => (2 * Radius) + 1;

    /// <summary>[2L, side, side]: the real parts of all directions, then the imaginary parts.</summary>
    public double[] Values { get; }

    /// <summary>Standard deviation of the window at a scale, pixels; also that of the low pass that keeps a scale.</summary>
    /// <param name="scale">j, at least 0.</param>
    public static double WidthAt(int scale) => BaseWidth * (1 << scale);

    private void Fill(Span<double> real, Span<double> imaginary, double width, double slant, double frequency, double angle)
    {
        (double sin, double cos) = Math.SinCos(angle);
        double norm = slant / (2 * Math.PI * width * width);
        double windowSum = 0;
        double realSum = 0;
        var window = new double[real.Length];
        for (int y = -Radius; y <= Radius; y++)
        {
            for (int x = -Radius; x <= Radius; x++)
            {
                int tap = ((y + Radius) * Side) + x + Radius;
                double along = (x * cos) + (y * sin);
                double across = ((y * cos) - (x * sin)) * slant;
                window[tap] = norm * Math.Exp(-((along * along) + (across * across)) / (2 * width * width));
                real[tap] = window[tap] * Math.Cos(frequency * along);
                imaginary[tap] = window[tap] * Math.Sin(frequency * along); // odd, so its mean is zero already
                windowSum += window[tap];
                realSum += real[tap];
            }
        }

        for (int tap = 0; tap < real.Length; tap++)
        {
            real[tap] -= realSum / windowSum * window[tap];
        }
    }
}
