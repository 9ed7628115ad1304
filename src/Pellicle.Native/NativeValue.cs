using System.Runtime.InteropServices;

namespace Pellicle.Native;

/// <summary>One argument or result of a native call: 16 blittable bytes, the layout of <c>pel_value</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct NativeValue
{
    /// <summary>Which kind of value this is; see <see cref="NativeTag"/>.</summary>
    [FieldOffset(0)]
    public NativeTag Tag;

    /// <summary>Length of a list or string.</summary>
    [FieldOffset(4)]
    public int Length;

    /// <summary>Integer, boolean or data type.</summary>
    [FieldOffset(8)]
    public long Integer;

    /// <summary>Floating-point number.</summary>
    [FieldOffset(8)]
    public double Number;

    /// <summary>Tensor handle, or start of a list or string.</summary>
    [FieldOffset(8)]
    public void* Pointer;
}

/// <summary>Tags of <see cref="NativeValue"/>, as <c>pel_tag</c> in <c>pel.h</c>.</summary>
internal enum NativeTag
{
    None,
    Tensor,
    Integer,
    Number,
    Boolean,
    Integers,
    Tensors,
    Text,
    DataType,
    Numbers,
}
