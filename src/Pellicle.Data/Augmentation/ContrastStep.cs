using Pellicle.Core.Random;

namespace Pellicle.Data.Augmentations;

/// <summary>Stretches or compresses the levels by 0.8 to 1.25 about the mean of this image.</summary>
internal sealed class ContrastStep : AugmentationStep
{
    public override void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random)
    {
        float factor = MathF.Exp(Between(random, -Math.Log(1.25), Math.Log(1.25)));
        double sum = 0;
        foreach (float value in image)
        {
            sum += value;
        }

        float mean = (float)(sum / image.Length);
        Levels.Change(image, factor, mean * (1 - factor));
    }
}
