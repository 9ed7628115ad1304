using Pellicle.Core.Random;

namespace Pellicle.Data.Augmentations;

/// <summary>Makes the whole image lighter or darker by up to 0.2.</summary>
internal sealed class BrightnessStep : AugmentationStep
{
    public override void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random) =>
        Levels.Change(image, 1, Between(random, -0.2, 0.2));
}
