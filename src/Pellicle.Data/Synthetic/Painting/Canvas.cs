using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic.Painting;

/// <summary>A square picture in the making: float planes in 0..1, finer than the result so that edges come out smooth.</summary>
internal sealed class Canvas
{
    private const float SensorNoise = 0.010f;

    private Canvas(int size, int channels)
    {
        Size = size;
        Planes = new float[channels][];
        for (int c = 0; c < channels; c++)
        {
            Planes[c] = new float[size * size];
        }
    }

    /// <summary>Width and height in fine pixels.</summary>
    public int Size { get; }

    /// <summary>One array [size, size] per channel.</summary>
    public float[][] Planes { get; }

    /// <summary>Makes a canvas: twice as fine as the result up to 128 pixels, where single pixels show, as fine above.</summary>
    public static Canvas For(int imageSize, int channels) => new(imageSize <= 128 ? 2 * imageSize : imageSize, channels);

    /// <summary>Blends a colour into one pixel.</summary>
    public void Blend(int pixel, ReadOnlySpan<float> color, float alpha)
    {
        for (int c = 0; c < Planes.Length; c++)
        {
            ref float value = ref Planes[c][pixel];
            value += (color[c] - value) * alpha;
        }
    }

    /// <summary>Blends a colour into all pixels by a coverage map, which is cleared.</summary>
    public void BlendMap(float[] coverage, ReadOnlySpan<float> color)
    {
        for (int p = 0; p < coverage.Length; p++)
        {
            if (coverage[p] > 0)
            {
                Blend(p, color, coverage[p]);
            }
        }

        Array.Clear(coverage);
    }

    /// <summary>Averages to the final size, adds sensor noise and rounds to 8 bits.</summary>
    /// <returns>[size, size, channels].</returns>
    public byte[] ToSamples(int imageSize, ISeededRandom random)
    {
        int factor = Size / imageSize;
        int channels = Planes.Length;
        var samples = new byte[imageSize * imageSize * channels];
        for (int y = 0; y < imageSize; y++)
        {
            for (int x = 0; x < imageSize; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    float sum = 0;
                    for (int dy = 0; dy < factor; dy++)
                    {
                        for (int dx = 0; dx < factor; dx++)
                        {
                            sum += Planes[c][(y * factor + dy) * Size + x * factor + dx];
                        }
                    }

                    float value = sum / (factor * factor) + SensorNoise * ApproximateGaussian(random);
                    samples[(y * imageSize + x) * channels + c] = (byte)(Math.Clamp(value, 0f, 1f) * 255f + 0.5f);
                }
            }
        }

        return samples;
    }

    /// <summary>Sum of four 16-bit uniforms, scaled to unit variance: good enough for grain, and one draw per sample.</summary>
    private static float ApproximateGaussian(ISeededRandom random)
    {
        ulong bits = random.NextUInt64();
        float sum = (ushort)bits + (float)(ushort)(bits >> 16) + (ushort)(bits >> 32) + (ushort)(bits >> 48);
        return (sum / 65535f - 2f) * 1.7320508f;
    }
}
