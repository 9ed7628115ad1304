using Pellicle.Core.Random;

namespace Pellicle.Data.Augmentations;

/// <summary>Sets a square of a quarter of the size to 0, the mean of normalised images (DeVries and Taylor 2017, section 3). Near the edge it is cut off.</summary>
internal sealed class CutoutStep : AugmentationStep
{
    private const int Share = 4;

    public override void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random)
    {
        int halfX = Math.Max(1, width / Share) / 2;
        int halfY = Math.Max(1, height / Share) / 2;
        int x = random.NextInt(width);
        int y = random.NextInt(height);
        int left = Math.Max(0, x - halfX);
        int right = Math.Min(width, x + halfX + 1);
        for (int c = 0; c < channels; c++)
        {
            for (int row = Math.Max(0, y - halfY); row < Math.Min(height, y + halfY + 1); row++)
            {
                image.Slice((c * height + row) * width + left, right - left).Clear();
            }
        }
    }
}
