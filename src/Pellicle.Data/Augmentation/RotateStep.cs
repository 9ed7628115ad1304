using Pellicle.Core.Random;

namespace Pellicle.Data.Augmentations;

/// <summary>Turns about the centre by up to 15 degrees either way; corners are filled from the nearest edge.</summary>
internal sealed class RotateStep : AugmentationStep
{
    private const double MaxRadians = 15 * Math.PI / 180;

    public override void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random)
    {
        (float s, float c) = MathF.SinCos(Between(random, -MaxRadians, MaxRadians));
        float centerX = (width - 1) / 2f;
        float centerY = (height - 1) / 2f;
        Resample(image, channels, height, width, (c, s, centerX - c * centerX - s * centerY, -s, c, centerY + s * centerX - c * centerY));
    }
}
