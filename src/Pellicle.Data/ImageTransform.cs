using Pellicle.Data.Images;
using Pellicle.Native;

namespace Pellicle.Data;

/// <summary>From a picture to the numbers a model sees: resize to a square, choose channels, scale to 0..1, subtract the mean, divide by the deviation.</summary>
/// <remarks>Mean and deviation are public constants. Taking them from private images would release a statistic that no accountant charges.
/// 8-bit pictures are resized by <see cref="ImageCodec.Resize"/> and rounded to 8 bits, so that a cache holds a quarter of the memory.
/// RGB to grey: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), after resizing. Grey to RGB: three equal channels.</remarks>
/// <param name="ImageSize">Side S in pixels, 1 to 4,096.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Mean">One per channel, on the scale 0..1.</param>
/// <param name="Std">One per channel, above 0, on the scale 0..1.</param>
public sealed record ImageTransform(int ImageSize, int Channels, float[] Mean, float[] Std)
{
    /// <summary>Side S in pixels, 1 to 4,096.</summary>
    public int ImageSize { get; init; } = ImageSize is >= 1 and <= 4096 ? ImageSize : throw new ArgumentOutOfRangeException(nameof(ImageSize), ImageSize, "Expected 1 to 4096.");

    /// <summary>1 or 3.</summary>
    public int Channels { get; init; } = Channels is 1 or 3 ? Channels : throw new ArgumentOutOfRangeException(nameof(Channels), Channels, "Expected 1 or 3.");

    /// <summary>One per channel, on the scale 0..1.</summary>
    public float[] Mean { get; init; } = Mean.Length == Channels && Mean.All(float.IsFinite) ? Mean : throw new ArgumentException($"Expected {Channels} finite values.", nameof(Mean));

    /// <summary>One per channel, above 0, on the scale 0..1.</summary>
    public float[] Std { get; init; } = Std.Length == Channels && Std.All(s => float.IsFinite(s) && s > 0) ? Std : throw new ArgumentException($"Expected {Channels} finite values above 0.", nameof(Std));

    /// <summary>What happens to pictures that are not square.</summary>
    public ImageFit Fit { get; init; }

    /// <summary>Numbers per image: C · S · S.</summary>
    public int SampleCount => Channels * ImageSize * ImageSize;

    /// <summary>Mean and deviation 0.5 in every channel: values in -1..1.</summary>
    /// <param name="imageSize">Side in pixels.</param>
    /// <param name="channels">1 or 3.</param>
    public static ImageTransform Centred(int imageSize, int channels) => new(imageSize, channels, Enumerable.Repeat(0.5f, channels).ToArray(), Enumerable.Repeat(0.5f, channels).ToArray());

    /// <summary>The published constants of MNIST: mean 0.1307, deviation 0.3081, one channel.</summary>
    /// <param name="imageSize">Side in pixels; 28 in the original.</param>
    public static ImageTransform Mnist(int imageSize = 28) => new(imageSize, 1, [0.1307f], [0.3081f]);

    /// <summary>The transform for a source when the user names no constants: <see cref="Mnist"/> for one-channel IDX files, otherwise <see cref="Centred"/>.</summary>
    /// <param name="kind">Kind of the source; not its content.</param>
    /// <param name="imageSize">Side in pixels.</param>
    /// <param name="channels">1 or 3.</param>
    public static ImageTransform For(SourceKind kind, int imageSize, int channels) =>
        kind == SourceKind.Idx && channels == 1 ? Mnist(imageSize) : Centred(imageSize, channels);

    /// <summary>Transforms one picture.</summary>
    /// <param name="image">Any size.</param>
    /// <param name="destination">[C, S, S], exactly <see cref="SampleCount"/> numbers.</param>
    public void Apply(RawImage image, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(image);
        PreparedImage.Prepare(image, this).WriteTo(destination, new NormalisationTable(this));
    }

    /// <summary>The part of a picture that is resized.</summary>
    internal ImageWindow Window(RawImage image) =>
        Fit == ImageFit.Crop ? ImageWindow.CentredSquare(image.Width, image.Height) : ImageWindow.Whole(image.Width, image.Height);
}
