namespace Pellicle.Nn;

/// <summary>Where the scattering transform samples: sizes after each halving, and what lies beyond the border.</summary>
internal static class ScatteringGrid
{
    /// <summary>Positions on a side that are left of every 2^scale-th one.</summary>
    /// <param name="size">Positions on a side.</param>
    /// <param name="scale">Halvings, at least 0.</param>
    public static int Reduced(int size, int scale) => (size + (1 << scale) - 1) >> scale;

    /// <summary>Position that a wavelet reads: mirrored at the outermost pixels, which are not repeated; windows wider than the image repeat the last mirrored one.</summary>
    /// <param name="position">Any.</param>
    /// <param name="size">Positions on a side.</param>
    public static int Mirrored(int position, int size)
    {
        int p = Math.Clamp(position, 1 - size, 2 * (size - 1));
        return p < 0 ? -p : p >= size ? (2 * (size - 1)) - p : p;
    }

    /// <summary>The low pass φ along one side: Gaussian of width 0.8·2^(scale−1), sampled in the middle of each cell of 2^scale positions, mirrored between positions at the border.</summary>
    /// <param name="size">Positions on a side.</param>
    /// <param name="scale">Halvings from this grid to the output, at least 1.</param>
    /// <returns>[reduced size, size], rows add up to 1.</returns>
    public static double[] LowPass(int size, int scale)
    {
        double width = MorletBank.WidthAt(scale - 1);
        int radius = (int)Math.Ceiling(4 * width);
        double[] window = [.. Enumerable.Range(-radius, (2 * radius) + 1).Select(k => Math.Exp(-k * k / (2 * width * width)))];
        double sum = window.Sum();
        int cells = Reduced(size, scale);
        var matrix = new double[cells * size];
        for (int cell = 0; cell < cells; cell++)
        {
            int centre = (cell << scale) + (((1 << scale) - 1) / 2);
            for (int k = -radius; k <= radius; k++)
            {
                int p = centre + k;
                while (p < 0 || p >= size)
                {
                    p = p < 0 ? -1 - p : (2 * size) - 1 - p;
                }

                matrix[(cell * size) + p] += window[k + radius] / sum;
            }
        }

        return matrix;
    }
}
