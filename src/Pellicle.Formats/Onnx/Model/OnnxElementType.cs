namespace Pellicle.Formats.Onnx;

#pragma warning disable CA1720 // The names are the field's.
/// <summary>Element types of ONNX that Pellicle works with, with ONNX's numbers (TensorProto.DataType).</summary>
public enum OnnxElementType
{
    /// <summary>Single precision.</summary>
    Float32 = 1,

    /// <summary>Unsigned byte.</summary>
    UInt8 = 2,

    /// <summary>Signed byte.</summary>
    Int8 = 3,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 4,

    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 5,

    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,

    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 7,

    /// <summary>Boolean.</summary>
    Bool = 9,

    /// <summary>Half precision.</summary>
    Float16 = 10,

    /// <summary>Double precision.</summary>
    Float64 = 11,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32 = 12,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64 = 13,

    /// <summary>Single precision with an 8-bit mantissa.</summary>
    BFloat16 = 16,
}
