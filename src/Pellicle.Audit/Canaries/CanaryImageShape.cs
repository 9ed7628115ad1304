using Pellicle.Core.Random;

namespace Pellicle.Audit.Canaries;

/// <summary>Shape and normalisation of images as the model sees them, for canaries made of random pixels.</summary>
/// <param name="Channels">C, at least 1.</param>
/// <param name="Side">S in pixels, at least 1.</param>
/// <param name="Mean">Public constant per channel [C], in pixel values of 0 … 1.</param>
/// <param name="Std">Public constant per channel [C], above 0.</param>
public sealed record CanaryImageShape(int Channels, int Side, IReadOnlyList<float> Mean, IReadOnlyList<float> Std)
{
    /// <summary>Independent uniform pixels in 0 … 1, normalised as every image is.</summary>
    /// <param name="random">Decides the pixels.</param>
    /// <returns>[C, S, S].</returns>
    public float[] RandomPixels(ISeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int plane = checked(Side * Side);
        var pixels = new float[checked(Channels * plane)];
        for (int i = 0; i < pixels.Length; i++)
        {
            int channel = i / plane;
            pixels[i] = ((float)random.NextDouble() - Mean[channel]) / Std[channel];
        }

        return pixels;
    }
}
