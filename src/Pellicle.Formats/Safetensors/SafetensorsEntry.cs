namespace Pellicle.Formats.Safetensors;

/// <summary>What a file says about one tensor.</summary>
/// <param name="DType">Element type as written in the file: F64, F32, F16, BF16, I64, I32, U8, I8 or BOOL.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Offset">First byte of the data, from the start of the file.</param>
/// <param name="ByteCount">Bytes of the data.</param>
public sealed record SafetensorsEntry(string DType, long[] Shape, long Offset, long ByteCount)
{
    /// <summary>Number of elements: the product of <see cref="Shape"/>, 1 for a scalar.</summary>
    public long ElementCount => ByteCount / SafetensorsTypes.SizeOf(DType);
}
