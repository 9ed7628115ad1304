using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>Which images of a physical batch belong to which unit of privacy: one image, a patient's images, or augmented views of either.</summary>
/// <remarks>All images of a unit are in one physical batch: only then can its gradient be clipped as a whole. The unit's gradient is the
/// mean over its images. Images of a unit need not be neighbours; where they are, no copy is made.</remarks>
public sealed class UnitLayout
{
    private readonly int[] _unitOfImage;

    private UnitLayout(int[] unitOfImage, int units)
    {
        _unitOfImage = unitOfImage;
        var sizes = new int[units];
        foreach (int unit in unitOfImage)
        {
            if ((uint)unit >= (uint)units)
            {
                throw new ArgumentOutOfRangeException(nameof(unitOfImage), unit, $"Units are numbered 0 to {units - 1}.");
            }

            sizes[unit]++;
        }

        int empty = Array.IndexOf(sizes, 0);
        if (empty >= 0)
        {
            throw new ArgumentException($"Unit {empty} has no image.", nameof(unitOfImage));
        }

        Groups = new ImageGroups(sizes);
    }

    /// <summary>Number of units U.</summary>
    public int Units => Groups.Count;

    /// <summary>Number of images N.</summary>
    public int Images => _unitOfImage.Length;

    /// <summary>Largest number of images of a unit; 0 without units.</summary>
    public int ImagesPerUnit => Groups.LargestSize;

    /// <summary>The images of each unit, once they are in the order of <see cref="Order"/>.</summary>
    internal ImageGroups Groups { get; }

    /// <summary>Every image is a unit.</summary>
    /// <param name="images">N, not negative.</param>
    public static UnitLayout OneImageEach(int images) => Regular(images, 1);

    /// <summary>Consecutive runs of equal length, such as the K views of each image.</summary>
    /// <param name="units">U, not negative.</param>
    /// <param name="imagesPerUnit">Images of each, at least 1.</param>
    public static UnitLayout Regular(int units, int imagesPerUnit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(units);
        ArgumentOutOfRangeException.ThrowIfLessThan(imagesPerUnit, 1);
        return new UnitLayout([.. Enumerable.Range(0, checked(units * imagesPerUnit)).Select(image => image / imagesPerUnit)], units);
    }

    /// <summary>Any assignment.</summary>
    /// <param name="unitOfImage">Unit of each image, 0 … U-1; every unit has at least one image.</param>
    /// <param name="units">U.</param>
    public static UnitLayout Of(ReadOnlySpan<int> unitOfImage, int units) => new(unitOfImage.ToArray(), units);

    /// <summary>Unit of an image.</summary>
    /// <param name="image">0 … N-1.</param>
    public int UnitOf(int image) => _unitOfImage[image];

    /// <summary>The images sorted by unit, or null if they already are.</summary>
    internal long[]? Order()
    {
        long[] order = [.. Enumerable.Range(0, Images).OrderBy(image => _unitOfImage[image]).Select(image => (long)image)];
        return order.Select((image, i) => image == i).All(inPlace => inPlace) ? null : order;
    }

    /// <summary>1/(images of its unit) for every image, sorted by unit: makes the unit's loss a mean, so that unit gradients are means, too.</summary>
    /// <returns>[N], float32.</returns>
    internal Tensor LossWeights()
    {
        float[] weights = new float[Images];
        for (int unit = 0; unit < Units; unit++)
        {
            weights.AsSpan(Groups.Begin(unit), Groups.SizeOf(unit)).Fill(1f / Groups.SizeOf(unit));
        }

        return Tensor.From<float>(weights, weights.Length);
    }
}
