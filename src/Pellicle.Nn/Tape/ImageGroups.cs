using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Adjacent images of a batch whose gradients belong together and are added, such as the images of one patient.</summary>
public sealed class ImageGroups
{
    private static readonly TensorOperator IndexAddInPlace = new("aten::index_add_");

    private readonly long[] _offsets;
    private readonly bool _isRegular;

    /// <summary>Makes the groups of a batch.</summary>
    /// <param name="sizes">Images of each group in order, each at least 1.</param>
    public ImageGroups(ReadOnlySpan<int> sizes)
    {
        _offsets = new long[sizes.Length + 1];
        _isRegular = true;
        for (int i = 0; i < sizes.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(sizes[i], 1, nameof(sizes));
            _offsets[i + 1] = _offsets[i] + sizes[i];
            _isRegular &= sizes[i] == sizes[0];
            LargestSize = Math.Max(LargestSize, sizes[i]);
        }
    }

    /// <summary>Number of groups U.</summary>
    public int Count => _offsets.Length - 1;

    /// <summary>Number of images N.</summary>
    public int Images => (int)_offsets[^1];

    /// <summary>Images of the largest group; 0 if there is none.</summary>
    public int LargestSize { get; }

    /// <summary>First image of a group.</summary>
    /// <param name="group">0 … U; U gives N.</param>
    public int Begin(int group) => (int)_offsets[group];

    /// <summary>Images of a group.</summary>
    /// <param name="group">0 … U-1.</param>
    public int SizeOf(int group) => (int)(_offsets[group + 1] - _offsets[group]);

    /// <summary>Offsets [U + 1] as operators take them, or null where every image is a group. Made in the caller's scope.</summary>
    public Tensor? Offsets() => LargestSize <= 1 ? null : Tensor.From<long>(_offsets, _offsets.Length);

    /// <summary>Adds the rows of each group.</summary>
    /// <param name="perImage">[N, P].</param>
    /// <returns>[U, P]; the tensor itself where every image is a group.</returns>
    public Tensor Sum(Tensor perImage)
    {
        ArgumentNullException.ThrowIfNull(perImage);
        if (LargestSize <= 1)
        {
            return perImage;
        }

        if (_isRegular)
        {
            return perImage.Reshape(Count, LargestSize, -1).Sum(1);
        }

        long[] groupOfImage = new long[Images];
        for (int group = 0; group < Count; group++)
        {
            groupOfImage.AsSpan(Begin(group), SizeOf(group)).Fill(group);
        }

        Tensor sums = Tensor.Zeros(Count, perImage.Size(1));
        IndexAddInPlace.Apply(sums, 0, Tensor.From<long>(groupOfImage, groupOfImage.Length), perImage);
        return sums;
    }
}
