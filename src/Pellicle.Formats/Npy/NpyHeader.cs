namespace Pellicle.Formats.Npy;

/// <summary>What the header of a .npy file says.</summary>
/// <param name="Type">Element type.</param>
/// <param name="IsBigEndian">Byte order of the data in the file.</param>
/// <param name="IsFortranOrder">True if the first index varies fastest in the file.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="DataOffset">First byte of the data.</param>
public sealed record NpyHeader(NpyType Type, bool IsBigEndian, bool IsFortranOrder, long[] Shape, long DataOffset)
{
    /// <summary>Bytes per element.</summary>
    public int ElementSize => SizeOf(Type);

    /// <summary>Product of <see cref="Shape"/>, 1 for a scalar; known not to overflow.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    internal static int SizeOf(NpyType type) => type switch
    {
        NpyType.B1 or NpyType.U1 or NpyType.I1 => 1,
        NpyType.U2 or NpyType.I2 or NpyType.F2 => 2,
        NpyType.U4 or NpyType.I4 or NpyType.F4 => 4,
        NpyType.I8 or NpyType.F8 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
