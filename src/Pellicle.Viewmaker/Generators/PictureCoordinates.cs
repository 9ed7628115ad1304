using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Smooth changes of pictures with few numbers: where things are (zoom, stretch, shear, shift), how they are lit (level and slopes of each channel), and how strong thin dark and thin bright structures are.</summary>
/// <remarks>A place, a size, a colour or the darkness of vessels is curved in pixel space and straight here, so what is linear here can be replaced as a whole. Zero is the picture itself.
/// Places and lighting are cosines of order 0 and 1 along both axes; thin structures are what a morphological closing or opening removes (black and white top-hat, Serra 1982).</remarks>
/// <param name="channels">C.</param>
internal sealed class PictureCoordinates(int channels)
{
    private const int Orders = 2;
    private const int Modes = Orders * Orders;
    private const int Structures = 2;

    // What one unit means: a share of the height, a logarithm of the gain.
    private const double FieldUnit = 0.04;
    private const double GainUnit = 0.15;
    private const double StructureUnit = 0.5;
    private const double Strongest = 3; // in logarithms: no coordinate makes a picture twenty times as bright

    /// <summary>Number of coordinates K: 8 of place, 4 a channel of lighting, 2 of thin structures.</summary>
    public int Count { get; } = (2 * Modes) + (Modes * channels) + Structures;

    /// <summary>Pictures moved along their coordinates.</summary>
    /// <param name="images">[B, C, H, W].</param>
    /// <param name="coordinates">[B, K], units.</param>
    /// <returns>[B, C, H, W], not clipped.</returns>
    public Tensor Move(Tensor images, Tensor coordinates)
    {
        long count = images.Size(0), height = images.Size(2), width = images.Size(3);
        Tensor cosines = Cosines(height, width).To(images.Type);
        Tensor field = coordinates.Narrow(1, 0, 2 * Modes).Reshape(count * 2, Modes).MatMul(cosines).Reshape(count, 2, height, width) * (FieldUnit * height);
        Tensor gain = Bounded(coordinates.Narrow(1, 2 * Modes, Modes * channels) * GainUnit).Reshape(count * channels, Modes).MatMul(cosines).Reshape(count, channels, height, width);
        Tensor moved = FlowField.Move(images, field, isSharp: true); // moved twice, bilinear pictures would lose the spots a finding may consist of
        (Tensor dark, Tensor bright) = ThinStructures(moved);
        return (moved + (dark * Strength(coordinates, 0)) + (bright * Strength(coordinates, 1))) * gain.Exp();
    }

    // [B, 1, 1, 1]: by how much thin structures grow; -1 removes them.
    private Tensor Strength(Tensor coordinates, int structure) =>
        Bounded(coordinates.Narrow(1, Count - Structures + structure, 1) * StructureUnit).Exp().Reshape(-1, 1, 1, 1) - 1;

    private static Tensor Bounded(Tensor logarithm) => logarithm.Clamp(-Strongest, Strongest);

    // Dark ones are negative, bright ones positive.
    private static (Tensor Dark, Tensor Bright) ThinStructures(Tensor images)
    {
        int window = (2 * Math.Max(1, (int)(images.Size(2) / 14))) + 1;
        Tensor inverted = images * -1;
        Tensor closed = Highest(Highest(images, window) * -1, window) * -1;
        Tensor opened = Highest(Highest(inverted, window) * -1, window);
        return (images - closed, images - opened);
    }

    // Square windows, one axis after the other.
    private static Tensor Highest(Tensor images, int window)
    {
        int half = window / 2;
        return ImageOperators.PadReflected(images, half, half, half, half).MaxPool2d(new Window2d(window, 1, 1, 1)).MaxPool2d(new Window2d(1, window, 1, 1));
    }

    private static Tensor Cosines(long height, long width)
    {
        var values = new float[Modes * height * width];
        for (int mode = 0; mode < Modes; mode++)
        {
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    values[(((mode * height) + y) * width) + x] = (float)(Math.Cos(Math.PI * (mode % Orders) * (x + 0.5) / width) * Math.Cos(Math.PI * (mode / Orders) * (y + 0.5) / height));
                }
            }
        }

        return Tensor.From<float>(values, Modes, height * width);
    }
}
