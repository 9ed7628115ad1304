using Pellicle.Tensors;
using Pellicle.Viewmaker.Generators;

namespace Pellicle.Viewmaker.Release;

/// <summary>Obfuscates single images of any size: values in, values out, with the noise of the image's own name.</summary>
/// <param name="generator">The generator; stays the caller's.</param>
/// <param name="noise">Key of the noise; stays the caller's.</param>
internal sealed class ImageObfuscator(Generator generator, KeyedNoise noise)
{
    /// <summary>Channels of the generator.</summary>
    public int Channels => generator.Options.Channels;

    /// <summary>True if releases are other pictures than the originals, so that nothing may go past the generator.</summary>
    public bool ReplacesPictures => generator.Options.ReplacesPictures;

    /// <summary>Obfuscates an image.</summary>
    /// <param name="values">[C', H, W] in 0..1, C' 1 or 3.</param>
    /// <param name="channels">C'.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="name">Name of the image: the same name and key give the same noise.</param>
    /// <param name="bitDepth">8 or 16; 0 leaves rounding to the caller.</param>
    /// <returns>As many values, in 0..1. A grey image under a colour generator gets the mean change of the channels; a colour image under a grey generator the same change in each, or becomes grey if pictures are replaced: its colours would show the original.</returns>
    public float[] Obfuscate(float[] values, int channels, int height, int width, string name, int bitDepth)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        using ImageNoise own = noise.For(name);
        Tensor image = Tensor.From<float>(values, 1, channels, height, width);
        Tensor seen = channels == Channels ? image : channels == 1 ? Tensor.Concatenate(1, image, image, image) : image.Mean(1, keep: true);
        Tensor result = generator.Obfuscate(seen, (_, plane) => own.Fill(plane), channels == Channels ? bitDepth : 0);
        if (channels == Channels)
        {
            return Clipped(result);
        }

        if (channels == 3 && ReplacesPictures)
        {
            return Clipped(Tensor.Concatenate(1, result, result, result));
        }

        Tensor change = result - seen;
        return Clipped(image + (channels == 1 ? change.Mean(1, keep: true) : change));
    }

    private static float[] Clipped(Tensor image) => image.Clamp(0, 1).Contiguous().ToArray<float>();
}
