using Pellicle.Native;

namespace Pellicle.Tensors;

public sealed unsafe partial class Tensor
{
    /// <summary>Copies values into a new tensor.</summary>
    /// <typeparam name="T">float, double, long, int, byte or bool.</typeparam>
    /// <param name="values">Row-major.</param>
    /// <param name="shape">Extents; their product is the number of values.</param>
    public static Tensor From<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        long count = 1;
        foreach (long extent in shape)
        {
            count = checked(count * extent);
        }

        if (count != values.Length)
        {
            throw new ArgumentException($"{values.Length} values do not fill the shape [{string.Join(", ", shape.ToArray())}].", nameof(shape));
        }

        nint handle;
        fixed (T* data = values)
        fixed (long* sizes = shape)
        {
            TorchNative.Check(TorchNative.pel_tensor_new(data, (int)TypeOf<T>(), sizes, shape.Length, &handle));
        }

        return new Tensor(handle);
    }

    /// <summary>A tensor with unset contents.</summary>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Extents.</param>
    public static Tensor Empty(DType type, params ReadOnlySpan<long> shape)
    {
        nint handle;
        fixed (long* sizes = shape)
        {
            TorchNative.Check(TorchNative.pel_tensor_new(null, (int)type, sizes, shape.Length, &handle));
        }

        return new Tensor(handle);
    }

    /// <summary>A float32 tensor of zeros.</summary>
    /// <param name="shape">Extents.</param>
    public static Tensor Zeros(params ReadOnlySpan<long> shape) => Zeros(DType.Float32, shape);

    /// <summary>A tensor of zeros.</summary>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Extents.</param>
    public static Tensor Zeros(DType type, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Empty(type, shape);
        AtenOperators.ZeroInPlace.Apply(tensor);
        return tensor;
    }

    /// <summary>A tensor of ones.</summary>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Extents.</param>
    public static Tensor Ones(DType type, params ReadOnlySpan<long> shape) => Full(1, type, shape);

    /// <summary>A tensor of equal values.</summary>
    /// <param name="value">Converted to the element type.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Extents.</param>
    public static Tensor Full(double value, DType type, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Empty(type, shape);
        tensor.FillInPlace(value);
        return tensor;
    }

    /// <summary>A tensor of one element without dimensions.</summary>
    /// <param name="value">Any.</param>
    public static Tensor Scalar(float value) => From([value]).Reshape();

    private static DType TypeOf<T>() =>
        typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(double) ? DType.Float64
        : typeof(T) == typeof(long) ? DType.Int64
        : typeof(T) == typeof(int) ? DType.Int32
        : typeof(T) == typeof(byte) ? DType.UInt8
        : typeof(T) == typeof(bool) ? DType.Bool
        : throw new ArgumentException($"no tensor type for {typeof(T).Name}");
}
