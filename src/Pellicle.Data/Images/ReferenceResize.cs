using Pellicle.Native;

namespace Pellicle.Data.Images;

/// <summary>The slow twin of <see cref="ImageCodec.Resize"/>, straight from the definition and in double; also resizes float pictures.</summary>
/// <remarks>Output pixel i lies at (i + ½)·scale of the window. Weights fall linearly to 0 at distance max(scale, 1) and are normalised to sum 1.</remarks>
internal static class ReferenceResize
{
    /// <summary>Returns planar samples [channels, outHeight, outWidth].</summary>
    internal static float[] Resize(ReadOnlySpan<float> samples, int width, int channels, ImageWindow window, int outWidth, int outHeight)
    {
        (int First, double[] Weights)[] across = Taps(window.Width, outWidth);
        (int First, double[] Weights)[] down = Taps(window.Height, outHeight);
        var result = new float[channels * outHeight * outWidth];
        var columns = new double[window.Width * channels];
        for (int y = 0; y < outHeight; y++)
        {
            Array.Clear(columns);
            for (int k = 0; k < down[y].Weights.Length; k++)
            {
                ReadOnlySpan<float> row = samples.Slice(((window.Y + down[y].First + k) * width + window.X) * channels, columns.Length);
                for (int i = 0; i < columns.Length; i++)
                {
                    columns[i] += down[y].Weights[k] * row[i];
                }
            }

            for (int x = 0; x < outWidth; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    double sum = 0;
                    for (int k = 0; k < across[x].Weights.Length; k++)
                    {
                        sum += across[x].Weights[k] * columns[(across[x].First + k) * channels + c];
                    }

                    result[(c * outHeight + y) * outWidth + x] = (float)sum;
                }
            }
        }

        return result;
    }

    private static (int First, double[] Weights)[] Taps(int length, int outLength)
    {
        var taps = new (int, double[])[outLength];
        double scale = (double)length / outLength;
        double support = Math.Max(scale, 1);
        for (int i = 0; i < outLength; i++)
        {
            double centre = (i + 0.5) * scale;
            int first = Math.Max((int)(centre - support + 0.5), 0);
            int last = Math.Min((int)(centre + support + 0.5), length);
            double[] weights = [.. Enumerable.Range(first, last - first).Select(k => Math.Max(0, 1 - Math.Abs((k - centre + 0.5) / support)))];
            double sum = weights.Sum();
            taps[i] = (first, [.. weights.Select(w => w / sum)]);
        }

        return taps;
    }
}
