using System.Buffers;
using Pellicle.Core.Random;

namespace Pellicle.Data.Augmentations;

/// <summary>One random change of an image [C, H, W], in place. Draws the same number of random values whatever the outcome.</summary>
internal abstract class AugmentationStep
{
    public abstract void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random);

    /// <summary>Uniform between two values.</summary>
    protected static float Between(ISeededRandom random, double low, double high) => (float)(low + (high - low) * random.NextDouble());

    /// <summary>Replaces each channel by its values at the points A·(x, y) + b, in between by bilinear interpolation, outside by the nearest edge.</summary>
    /// <param name="image">[C, H, W].</param>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="map">Rows of A and b: source x = Xx·x + Xy·y + X0, in pixels whose centres are whole numbers.</param>
    protected static void Resample(Span<float> image, int channels, int height, int width, (float Xx, float Xy, float X0, float Yx, float Yy, float Y0) map)
    {
        int plane = height * width;
        float[] scratch = ArrayPool<float>.Shared.Rent(plane);
        try
        {
            for (int c = 0; c < channels; c++)
            {
                Span<float> target = image.Slice(c * plane, plane);
                Span<float> source = scratch.AsSpan(0, plane);
                target.CopyTo(source);
                for (int y = 0; y < height; y++)
                {
                    for (int x = 0; x < width; x++)
                    {
                        float sx = Math.Clamp(map.Xx * x + map.Xy * y + map.X0, 0f, width - 1);
                        float sy = Math.Clamp(map.Yx * x + map.Yy * y + map.Y0, 0f, height - 1);
                        int left = (int)sx;
                        int top = (int)sy;
                        int right = Math.Min(left + 1, width - 1);
                        int below = Math.Min(top + 1, height - 1) * width;
                        float u = sx - left;
                        float v = sy - top;
                        top *= width;
                        float upper = source[top + left] + u * (source[top + right] - source[top + left]);
                        float lower = source[below + left] + u * (source[below + right] - source[below + left]);
                        target[y * width + x] = upper + v * (lower - upper);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }
}
