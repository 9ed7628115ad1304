namespace Pellicle.Tensors;

#pragma warning disable CA1720 // The names are the field's.
/// <summary>Element types, with libtorch's numbers.</summary>
public enum DType
{
    /// <summary>Unsigned byte.</summary>
    UInt8 = 0,

    /// <summary>32-bit integer.</summary>
    Int32 = 3,

    /// <summary>64-bit integer.</summary>
    Int64 = 4,

    /// <summary>Single precision.</summary>
    Float32 = 6,

    /// <summary>Double precision.</summary>
    Float64 = 7,

    /// <summary>Boolean byte.</summary>
    Bool = 11,

    /// <summary>Single precision with an 8-bit mantissa.</summary>
    BFloat16 = 15,
}
