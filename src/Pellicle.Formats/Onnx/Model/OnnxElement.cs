namespace Pellicle.Formats.Onnx;

/// <summary>Facts about element types: size, kind, and the rounding that storing a value in the type means.</summary>
internal static class OnnxElement
{
    /// <summary>True for the types Pellicle reads.</summary>
    public static bool IsKnown(OnnxElementType type) => Enum.IsDefined(type);

    /// <summary>True for real numbers.</summary>
    public static bool IsFloating(OnnxElementType type) =>
        type is OnnxElementType.Float32 or OnnxElementType.Float64 or OnnxElementType.Float16 or OnnxElementType.BFloat16;

    /// <summary>Bytes of one element in raw data.</summary>
    public static int ByteCount(OnnxElementType type) => type switch
    {
        OnnxElementType.UInt8 or OnnxElementType.Int8 or OnnxElementType.Bool => 1,
        OnnxElementType.UInt16 or OnnxElementType.Int16 or OnnxElementType.Float16 or OnnxElementType.BFloat16 => 2,
        OnnxElementType.Float32 or OnnxElementType.Int32 or OnnxElementType.UInt32 => 4,
        _ => 8,
    };

    /// <summary>The nearest value that a floating-point type can hold, ties to even.</summary>
    public static double Round(OnnxElementType type, double value) => type switch
    {
        OnnxElementType.Float64 => value,
        OnnxElementType.Float16 => (double)(Half)value,
        OnnxElementType.BFloat16 => FromBFloat16(ToBFloat16((float)value)),
        _ => (float)value,
    };

    /// <summary>The value modulo the range of an integer type: what C and numpy do on overflow.</summary>
    public static long Wrap(OnnxElementType type, long value) => type switch
    {
        OnnxElementType.UInt8 => (byte)value,
        OnnxElementType.Int8 => (sbyte)value,
        OnnxElementType.UInt16 => (ushort)value,
        OnnxElementType.Int16 => (short)value,
        OnnxElementType.Int32 => (int)value,
        OnnxElementType.UInt32 => (uint)value,
        OnnxElementType.Bool => value == 0 ? 0 : 1,
        _ => value,
    };

    /// <summary>The largest value of a type, as a real number: infinity for floating point.</summary>
    public static double Highest(OnnxElementType type) => type switch
    {
        OnnxElementType.UInt8 => byte.MaxValue,
        OnnxElementType.Int8 => sbyte.MaxValue,
        OnnxElementType.UInt16 => ushort.MaxValue,
        OnnxElementType.Int16 => short.MaxValue,
        OnnxElementType.Int32 => int.MaxValue,
        OnnxElementType.UInt32 => uint.MaxValue,
        OnnxElementType.Int64 => long.MaxValue,
        OnnxElementType.UInt64 => ulong.MaxValue,
        OnnxElementType.Bool => 1,
        _ => double.PositiveInfinity,
    };

    /// <summary>Top half of a single, rounded to nearest even.</summary>
    public static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The single with this top half.</summary>
    public static float FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Name in messages, as in ONNX's text.</summary>
    public static string Name(OnnxElementType type) => type switch
    {
        OnnxElementType.Float32 => "float",
        OnnxElementType.Float64 => "double",
        _ => type.ToString().ToLowerInvariant(),
    };
}
