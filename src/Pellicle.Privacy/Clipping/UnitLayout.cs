using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>Which images of a physical batch belong to which unit of privacy: one image, a patient's images, or augmented views of either.</summary>
/// <remarks>All images of a unit are in one physical batch: only then can its gradient be clipped as a whole. The unit's gradient is the
/// mean over its images.</remarks>
public sealed class UnitLayout
{
    private static readonly TensorOperator IndexCopyInPlace = new("aten::index_copy_");

    private readonly int[] _unitOfImage;
    private readonly int[] _imagesOfUnit;
    private readonly bool _isRegular;

    private UnitLayout(int[] unitOfImage, int units)
    {
        _unitOfImage = unitOfImage;
        _imagesOfUnit = new int[units];
        foreach (int unit in unitOfImage)
        {
            if ((uint)unit >= (uint)units)
            {
                throw new ArgumentOutOfRangeException(nameof(unitOfImage), unit, $"Units are numbered 0 to {units - 1}.");
            }

            _imagesOfUnit[unit]++;
        }

        int empty = Array.IndexOf(_imagesOfUnit, 0);
        if (empty >= 0)
        {
            throw new ArgumentException($"Unit {empty} has no image.", nameof(unitOfImage));
        }

        ImagesPerUnit = units == 0 ? 1 : _imagesOfUnit.Max();
        _isRegular = true;
        for (int i = 0; i < unitOfImage.Length; i++)
        {
            _isRegular &= unitOfImage[i] == i / ImagesPerUnit;
        }

        _isRegular &= unitOfImage.Length == units * ImagesPerUnit;
    }

    /// <summary>Number of units U.</summary>
    public int Units => _imagesOfUnit.Length;

    /// <summary>Number of images N.</summary>
    public int Images => _unitOfImage.Length;

    /// <summary>Largest number of images of a unit.</summary>
    public int ImagesPerUnit { get; }

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
        return new UnitLayout([.. Enumerable.Range(0, units * imagesPerUnit).Select(image => image / imagesPerUnit)], units);
    }

    /// <summary>Any assignment.</summary>
    /// <param name="unitOfImage">Unit of each image, 0 … U-1; every unit has at least one image.</param>
    /// <param name="units">U.</param>
    public static UnitLayout Of(ReadOnlySpan<int> unitOfImage, int units) => new(unitOfImage.ToArray(), units);

    /// <summary>Unit of an image.</summary>
    /// <param name="image">0 … N-1.</param>
    public int UnitOf(int image) => _unitOfImage[image];

    /// <summary>1/(images of its unit) for every image: makes the unit's loss a mean, so that unit gradients are means, too.</summary>
    /// <returns>[N], float32.</returns>
    public Tensor LossWeights()
    {
        float[] weights = Array.ConvertAll(_unitOfImage, unit => 1f / _imagesOfUnit[unit]);
        return Tensor.From<float>(weights, weights.Length);
    }

    /// <summary>One number per unit, repeated for each of its images.</summary>
    /// <param name="perUnit">U values.</param>
    /// <returns>[N], float32.</returns>
    public Tensor PerImage(ReadOnlySpan<double> perUnit)
    {
        float[] values = new float[Images];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)perUnit[_unitOfImage[i]];
        }

        return Tensor.From<float>(values, values.Length);
    }

    /// <summary>Groups rows by unit; units with fewer images are filled up with zeros, which change no sum and no norm.</summary>
    /// <param name="perImage">[N, ...].</param>
    /// <returns>[U, images per unit, ...]; a view if the images are in order and of equal number.</returns>
    public Tensor Gather(Tensor perImage)
    {
        ArgumentNullException.ThrowIfNull(perImage);
        long[] rest = perImage.Shape[1..];
        if (_isRegular)
        {
            return perImage.Reshape([Units, ImagesPerUnit, .. rest]);
        }

        var taken = new int[Units];
        long[] slots = Array.ConvertAll(_unitOfImage, unit => ((long)unit * ImagesPerUnit) + taken[unit]++);
        Tensor gathered = Tensor.Zeros([(long)Units * ImagesPerUnit, .. rest]);
        IndexCopyInPlace.Apply(gathered, 0, Tensor.From<long>(slots, slots.Length), perImage);
        return gathered.Reshape([Units, ImagesPerUnit, .. rest]);
    }

    /// <summary>A copy in which all images of some units are zero.</summary>
    /// <param name="perImage">[N, ...].</param>
    /// <param name="excluded">True for units to clear; empty or all false returns the tensor itself.</param>
    internal Tensor WithoutUnits(Tensor perImage, ReadOnlySpan<bool> excluded)
    {
        if (!excluded.Contains(true))
        {
            return perImage;
        }

        Tensor copy = perImage.Contiguous().Clone();
        Span<float> values = copy.Data<float>();
        int width = values.Length / Images;
        for (int i = 0; i < Images; i++)
        {
            if (excluded[_unitOfImage[i]])
            {
                values.Slice(i * width, width).Clear();
            }
        }

        return copy;
    }
}
