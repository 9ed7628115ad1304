using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Displacements u = τ·tanh(field) in pixels, and images moved by them.</summary>
internal static class FlowField
{
    /// <summary>The field of an image.</summary>
    /// <param name="raw">Output of the network [B, 2, h, w]: x, then y.</param>
    /// <param name="images">[B, C, H, W].</param>
    /// <param name="reach">τ as a share of H.</param>
    /// <returns>[B, 2, H, W], pixels.</returns>
    public static Tensor Of(Tensor raw, Tensor images, double reach) =>
        ImageOperators.Scale(raw, images.Size(2), images.Size(3)).Tanh() * (reach * images.Size(2));

    /// <summary>Every pixel takes the value at its place plus its displacement; beyond the border the border's.</summary>
    /// <param name="images">[B, C, H, W].</param>
    /// <param name="field">[B, 2, H, W], pixels.</param>
    /// <param name="isSharp">Bicubic, otherwise bilinear.</param>
    public static Tensor Move(Tensor images, Tensor field, bool isSharp = false)
    {
        long height = images.Size(2), width = images.Size(3);
        var places = new double[2 * height * width];
        for (long i = 0; i < height * width; i++)
        {
            places[2 * i] = (((i % width) + 0.5) * 2 / width) - 1;
            places[(2 * i) + 1] = (((i / width) + 0.5) * 2 / height) - 1;
        }

        Tensor unit = Tensor.From<double>([2.0 / width, 2.0 / height], 1, 1, 1, 2).To(images.Type);
        Tensor grid = Tensor.From<double>(places, 1, height, width, 2).To(images.Type) + (field.Permute(0, 2, 3, 1) * unit);
        return ImageOperators.Sample(images, grid, isSharp);
    }

    /// <summary>Mean squared difference of neighbouring displacements: zero for a field that moves all pixels alike.</summary>
    /// <param name="field">[B, 2, H, W].</param>
    public static Tensor Roughness(Tensor field)
    {
        long height = field.Size(2), width = field.Size(3);
        return (field.Narrow(2, 1, height - 1) - field.Narrow(2, 0, height - 1)).Square().Mean()
            + (field.Narrow(3, 1, width - 1) - field.Narrow(3, 0, width - 1)).Square().Mean();
    }
}
