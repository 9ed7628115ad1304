using Pellicle.Core.Random;

namespace Pellicle.Data.Augmentations;

/// <summary>Mirrors with probability 1/2: left and right, or top and bottom.</summary>
internal sealed class FlipStep(bool isVertical) : AugmentationStep
{
    public override void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random)
    {
        if ((random.NextUInt64() >> 63) == 0)
        {
            return;
        }

        if (isVertical)
        {
            FlipVertically(image, channels, height, width);
        }
        else
        {
            for (int row = 0; row < channels * height; row++)
            {
                image.Slice(row * width, width).Reverse();
            }
        }
    }

    private static void FlipVertically(Span<float> image, int channels, int height, int width)
    {
        for (int c = 0; c < channels; c++)
        {
            Span<float> plane = image.Slice(c * height * width, height * width);
            for (int y = 0; y < height / 2; y++)
            {
                Span<float> upper = plane.Slice(y * width, width);
                Span<float> lower = plane.Slice((height - 1 - y) * width, width);
                for (int x = 0; x < width; x++)
                {
                    (upper[x], lower[x]) = (lower[x], upper[x]);
                }
            }
        }
    }
}
