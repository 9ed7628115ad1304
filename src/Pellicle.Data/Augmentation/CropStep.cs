using Pellicle.Core.Random;

namespace Pellicle.Data.Augmentations;

/// <summary>Takes a random part of 70 to 100 % of the area, aspect 4:5 to 5:4, and scales it back to the full size.</summary>
internal sealed class CropStep : AugmentationStep
{
    public override void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random)
    {
        float area = Between(random, 0.7, 1);
        float aspect = MathF.Exp(Between(random, -Math.Log(1.25), Math.Log(1.25)));
        float partX = Math.Min(1, MathF.Sqrt(area * aspect));
        float partY = Math.Min(1, MathF.Sqrt(area / aspect));
        float x0 = (1 - partX) * width * Between(random, 0, 1);
        float y0 = (1 - partY) * height * Between(random, 0, 1);

        // Pixel centres: (x + 1/2)·part + offset - 1/2.
        Resample(image, channels, height, width, (partX, 0, x0 + 0.5f * partX - 0.5f, 0, partY, y0 + 0.5f * partY - 0.5f));
    }
}
