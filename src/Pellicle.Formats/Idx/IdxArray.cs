namespace Pellicle.Formats.Idx;

/// <summary>The content of an IDX file of unsigned bytes: labels [N] or images [N, H, W].</summary>
/// <param name="Name">File or archive entry, for messages.</param>
/// <param name="Shape">Sizes, outermost first: one for labels, three for images.</param>
/// <param name="Bytes">Elements in row-major order; exactly the product of the sizes.</param>
public sealed record IdxArray(string Name, IReadOnlyList<int> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Number of items N.</summary>
    public int Count => Shape[0];

    /// <summary>True for images [N, H, W], false for labels [N].</summary>
    public bool IsImages => Shape.Count == 3;

    /// <summary>The bytes of one item: one label, or H·W pixels.</summary>
    /// <param name="index">Item, from 0 to <see cref="Count"/> - 1.</param>
    public ReadOnlySpan<byte> Item(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int size = Bytes.Length / Count;
        return Bytes.Span.Slice(index * size, size);
    }
}
