using Pellicle.Core.Random;

namespace Pellicle.Data.Augmentations;

/// <summary>Scales and moves each channel by itself, as another camera or lamp would.</summary>
internal sealed class ColorStep : AugmentationStep
{
    public override void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random)
    {
        int plane = height * width;
        for (int c = 0; c < channels; c++)
        {
            float gain = Between(random, 0.9, 1.1);
            float offset = Between(random, -0.1, 0.1);
            Levels.Change(image.Slice(c * plane, plane), gain, offset);
        }
    }
}
