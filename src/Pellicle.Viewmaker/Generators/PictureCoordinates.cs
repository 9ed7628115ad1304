using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Smooth changes of pictures with few numbers: where things are (zoom, stretch, shear, shift), how they are lit (level and slopes of each channel), and how strong thin dark and thin bright structures are.</summary>
/// <remarks>A place, a size, a colour or the darkness of vessels is curved in pixel space and straight here, so what is linear here can be replaced as a whole. Zero is the picture itself.
/// Places and lighting are cosines of order 0 and 1 along both axes; thin structures are what a morphological closing or opening removes (black and white top-hat, Serra 1982).
/// One unit is 0.04 of the width or height for places, 0.15 in the logarithm of the gain for lighting, 0.5 in that of the strength for structures.</remarks>
/// <param name="channels">C.</param>
internal sealed class PictureCoordinates(int channels)
{
    private const int Orders = 2;
    private const int Modes = Orders * Orders;
    private const int Structures = 2;

    private const int LargestSide = 256; // thin structures of larger pictures are looked for in smaller ones: windows grow with the picture

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
        using TensorScope scope = TensorScope.Open();
        long count = images.Size(0), height = images.Size(2), width = images.Size(3);
        Tensor cosines = Cosines(height, width).To(images.Type);
        Tensor field = coordinates.Narrow(1, 0, 2 * Modes).Reshape(count * 2, Modes).MatMul(cosines).Reshape(count, 2, height, width);
        field *= Tensor.From<double>([FieldUnit * width, FieldUnit * height], 1, 2, 1, 1).To(images.Type);
        Tensor gain = Bounded(coordinates.Narrow(1, 2 * Modes, Modes * channels) * GainUnit).Reshape(count * channels, Modes).MatMul(cosines).Reshape(count, channels, height, width);
        Tensor moved = FlowField.Move(images, field, isSharp: true); // moved twice, bilinear pictures would lose the spots a finding may consist of
        (Tensor dark, Tensor bright) = TopHats(moved);
        return scope.Keep((moved + (dark * Strength(coordinates, 0)) + (bright * Strength(coordinates, 1))) * gain.Exp());
    }

    // [B, 1, 1, 1]: by how much thin structures grow; -1 removes them.
    private Tensor Strength(Tensor coordinates, int structure) =>
        Bounded(coordinates.Narrow(1, Count - Structures + structure, 1) * StructureUnit).Exp().Reshape(-1, 1, 1, 1) - 1;

    private static Tensor Bounded(Tensor logarithm) => logarithm.Clamp(-Strongest, Strongest);

    // Dark structures are negative, bright ones positive.
    private static (Tensor Dark, Tensor Bright) TopHats(Tensor images)
    {
        (long height, long width) = (images.Size(2), images.Size(3));
        Tensor small = height <= LargestSide && width <= LargestSide ? images : images.AdaptiveAveragePool2d(Math.Min(height, LargestSide), Math.Min(width, LargestSide));
        (int vertical, int horizontal) = (Window(small.Size(2)), Window(small.Size(3)));
        Tensor Dilated(Tensor x) => Dilation(x, vertical, horizontal);
        Tensor closed = Dilated(Dilated(small) * -1) * -1, opened = Dilated(Dilated(small * -1) * -1);
        return (ImageOperators.Scale(small - closed, height, width), ImageOperators.Scale(small - opened, height, width));
    }

    private static int Window(long side) => (2 * Math.Max(1, (int)(side / 14))) + 1;

    // The largest value of a window around each pixel, one axis after the other.
    private static Tensor Dilation(Tensor images, int vertical, int horizontal) =>
        ImageOperators.PadReflected(images, horizontal / 2, horizontal / 2, vertical / 2, vertical / 2).MaxPool2d(new Window2d(vertical, 1, 1, 1)).MaxPool2d(new Window2d(1, horizontal, 1, 1));

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
