namespace Pellicle.Mpc.Compiler;

/// <summary>How a picture becomes the numbers that are shared: the client does it, before anything leaves it.</summary>
/// <param name="Shape">One image, channels first: [C, H, W] or [n].</param>
public sealed record InputContract(IReadOnlyList<int> Shape)
{
    /// <summary>Order of the axes of <see cref="Shape"/>.</summary>
    public string Layout { get; init; } = "channelsFirst";

    /// <summary>Subtracted from pixels in 0..1, one a channel; null if the values go in as they are.</summary>
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>Divides after the subtraction, one a channel; null if the values go in as they are.</summary>
    public IReadOnlyList<float>? Std { get; init; }

    /// <summary>rgb, bgr or grey; "none" if the values go in as they are.</summary>
    public string ColourOrder { get; init; } = "none";

    /// <summary>How pictures of another size are brought to <see cref="Shape"/>: stretch or crop; "none" if they must have that size.</summary>
    public string Resize { get; init; } = "none";

    /// <summary>Window of DICOM images: auto, full, or CENTRE,WIDTH.</summary>
    public string Window { get; init; } = "auto";

    /// <summary>Elements of one image.</summary>
    public int Count => Shape.Aggregate(1, (product, size) => checked(product * size));
}
