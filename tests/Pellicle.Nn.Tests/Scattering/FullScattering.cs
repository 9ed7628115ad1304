namespace Pellicle.Nn.Tests.Scattering;

/// <summary>The scattering transform by its definition: every wavelet and low pass at every pixel of the full grid, one tap after the other.</summary>
internal static class FullScattering
{
    /// <summary>|u ⋆ ψ_{j,θ}| at all pixels.</summary>
    public static double[] Modulus(double[] image, int size, int scale, int angle, int angles) =>
        [.. Enumerable.Range(0, size * size).Select(pixel => Modulus(image, size, scale, Math.PI * angle / angles, angles, pixel / size, pixel % size))];

    /// <summary>u ⋆ φ in the middle of one cell of 2^J pixels.</summary>
    public static double Smooth(double[] image, int size, int scales, int cellY, int cellX)
    {
        double width = 0.4 * Math.Pow(2, scales);
        int centre = ((1 << scales) - 1) / 2;
        int reach = (int)Math.Ceiling(4 * width);
        double sum = 0;
        double weights = 0;
        for (int y = -reach; y <= reach; y++)
        {
            for (int x = -reach; x <= reach; x++)
            {
                double weight = Math.Exp(-((y * y) + (x * x)) / (2 * width * width));
                weights += weight;
                sum += weight * image[(Between((cellY << scales) + centre + y, size) * size) + Between((cellX << scales) + centre + x, size)];
            }
        }

        return sum / weights;
    }

    /// <summary>|φ̂(ω)|² + ½ Σ_{j,θ} (|ψ̂(ω)|² + |ψ̂(−ω)|²).</summary>
    public static double Energy(int scales, int angles, double omegaY, double omegaX)
    {
        double width = 0.4 * Math.Pow(2, scales);
        double low = Line(width, omegaY) * Line(width, omegaX);
        double sum = low * low;
        for (int j = 0; j < scales; j++)
        {
            for (int t = 0; t < angles; t++)
            {
                sum += 0.5 * (Pass(j, t, angles, omegaY, omegaX) + Pass(j, t, angles, -omegaY, -omegaX));
            }
        }

        return sum;
    }

    private static double Modulus(double[] image, int size, int scale, double angle, int angles, int atY, int atX)
    {
        (double[] real, double[] imaginary, int reach) = Wavelet(scale, angle, angles);
        double re = 0;
        double im = 0;
        for (int y = -reach; y <= reach; y++)
        {
            for (int x = -reach; x <= reach; x++)
            {
                double pixel = image[(At(atY + y, size) * size) + At(atX + x, size)];
                int tap = ((y + reach) * ((2 * reach) + 1)) + x + reach;
                re += real[tap] * pixel;
                im += imaginary[tap] * pixel;
            }
        }

        return Math.Sqrt((re * re) + (im * im));
    }

    // Bruna and Mallat 2013, section 2: a Gaussian window times (e^{iξu} − κ).
    private static (double[] Real, double[] Imaginary, int Reach) Wavelet(int scale, double angle, int angles)
    {
        double width = 0.8 * Math.Pow(2, scale);
        double slant = 4.0 / angles;
        double frequency = 3 * Math.PI / 4 / Math.Pow(2, scale);
        int reach = (int)Math.Ceiling(3 * width / Math.Min(1, slant));
        int side = (2 * reach) + 1;
        double[] window = new double[side * side];
        double[] phase = new double[side * side];
        for (int tap = 0; tap < window.Length; tap++)
        {
            (double y, double x) = ((tap / side) - reach, (tap % side) - reach);
            double u = (x * Math.Cos(angle)) + (y * Math.Sin(angle));
            double v = (-x * Math.Sin(angle)) + (y * Math.Cos(angle));
            window[tap] = slant / (2 * Math.PI * width * width) * Math.Exp(-((u * u) + (slant * slant * v * v)) / (2 * width * width));
            phase[tap] = frequency * u;
        }

        double kappa = window.Zip(phase, (w, p) => w * Math.Cos(p)).Sum() / window.Sum();
        return ([.. window.Zip(phase, (w, p) => w * (Math.Cos(p) - kappa))], [.. window.Zip(phase, (w, p) => w * Math.Sin(p))], reach);
    }

    private static double Pass(int scale, int angle, int angles, double omegaY, double omegaX)
    {
        (double[] real, double[] imaginary, int reach) = Wavelet(scale, Math.PI * angle / angles, angles);
        int side = (2 * reach) + 1;
        System.Numerics.Complex sum = 0;
        for (int tap = 0; tap < real.Length; tap++)
        {
            double phase = -((omegaY * ((tap / side) - reach)) + (omegaX * ((tap % side) - reach)));
            sum += new System.Numerics.Complex(real[tap], imaginary[tap]) * System.Numerics.Complex.Exp(System.Numerics.Complex.ImaginaryOne * phase);
        }

        return Math.Pow(sum.Magnitude, 2);
    }

    private static double Line(double width, double omega)
    {
        int reach = (int)Math.Ceiling(4 * width);
        double sum = 0;
        double weights = 0;
        for (int k = -reach; k <= reach; k++)
        {
            double weight = Math.Exp(-k * k / (2 * width * width));
            sum += weight * Math.Cos(omega * k);
            weights += weight;
        }

        return sum / weights;
    }

    // Mirrored at the outermost pixels.
    private static int At(int p, int size) => p < 0 ? -p : p >= size ? (2 * (size - 1)) - p : p;

    // Mirrored between pixels.
    private static int Between(int p, int size) => p < 0 ? -1 - p : p >= size ? (2 * size) - 1 - p : p;
}
