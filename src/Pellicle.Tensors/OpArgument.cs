using Pellicle.Native;

namespace Pellicle.Tensors;

/// <summary>One argument of a <see cref="TensorOperator"/>: a tensor, number, truth value, type or list, by implicit conversion.</summary>
public readonly unsafe struct OpArgument
{
    private OpArgument(NativeTag tag, long integer) => Value = new NativeValue { Tag = tag, Integer = integer };

    private OpArgument(NativeValue value) => Value = value;

    internal NativeValue Value { get; }

    /// <summary>The schema's "None".</summary>
    public static OpArgument None => default;

    /// <summary>A tensor, or None.</summary>
    /// <param name="tensor">Borrowed for the call.</param>
    public static implicit operator OpArgument(Tensor? tensor) =>
        tensor is null ? default : new OpArgument(new NativeValue { Tag = NativeTag.Tensor, Pointer = (void*)tensor.Handle });

    /// <summary>An integer; converted where the schema wants a number.</summary>
    /// <param name="value">Any.</param>
    public static implicit operator OpArgument(long value) => new(NativeTag.Integer, value);

    /// <summary>An integer; converted where the schema wants a number.</summary>
    /// <param name="value">Any.</param>
    public static implicit operator OpArgument(int value) => new(NativeTag.Integer, value);

    /// <summary>A number.</summary>
    /// <param name="value">Any.</param>
    public static implicit operator OpArgument(double value) => new(new NativeValue { Tag = NativeTag.Number, Number = value });

    /// <summary>A truth value.</summary>
    /// <param name="value">Any.</param>
    public static implicit operator OpArgument(bool value) => new(NativeTag.Boolean, value ? 1 : 0);

    /// <summary>An element type.</summary>
    /// <param name="value">Any.</param>
    public static implicit operator OpArgument(DType value) => new(NativeTag.DataType, (long)value);

    /// <summary>A list of integers; the memory must outlive the call (stack or pinned).</summary>
    /// <param name="start">First element.</param>
    /// <param name="length">Count.</param>
    public static OpArgument Integers(long* start, int length) => new(new NativeValue { Tag = NativeTag.Integers, Length = length, Pointer = start });

    /// <summary>A list of tensor handles; the memory must outlive the call.</summary>
    /// <param name="start">First handle.</param>
    /// <param name="length">Count.</param>
    public static OpArgument Tensors(nint* start, int length) => new(new NativeValue { Tag = NativeTag.Tensors, Length = length, Pointer = start });

    /// <summary>UTF-8 text; the memory must outlive the call.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes.</param>
    public static OpArgument Text(byte* start, int length) => new(new NativeValue { Tag = NativeTag.Text, Length = length, Pointer = start });
}
