using System.Runtime.InteropServices;

namespace Pellicle.Formats.Onnx;

/// <summary>An immutable array with a shape and an ONNX element type; elements in row-major order.</summary>
/// <remarks>Stored as <c>float[]</c> (float, float16 and bfloat16, rounded to the type), <c>double[]</c> or <c>long[]</c> (all integers and booleans; uint64 by its bits).
/// Kernels compute in double or 64-bit integers and round once, when the result is made.</remarks>
public sealed class OnnxTensor
{
    private readonly Array _data;

    private OnnxTensor(OnnxElementType type, long[] shape, Array data)
    {
        Type = type;
        Dimensions = shape;
        _data = data;
    }

    /// <summary>Type of the elements.</summary>
    public OnnxElementType Type { get; }

    /// <summary>Sizes, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => Dimensions;

    /// <summary>Number of dimensions.</summary>
    public int Rank => Dimensions.Length;

    /// <summary>Number of elements.</summary>
    public int Count => _data.Length;

    /// <summary>True for real numbers.</summary>
    public bool IsFloating => _data is not long[];

    /// <summary>The shape as an array, not to be changed.</summary>
    internal long[] Dimensions { get; }

    /// <summary>A tensor of single-precision numbers.</summary>
    /// <param name="values">Row-major; kept, not copied.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <exception cref="ArgumentException">Sizes and values disagree.</exception>
    public static OnnxTensor Of(float[] values, params long[] shape) => Checked(OnnxElementType.Float32, shape, values);

    /// <summary>A tensor of 64-bit integers.</summary>
    /// <param name="values">Row-major; kept, not copied.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <exception cref="ArgumentException">Sizes and values disagree.</exception>
    public static OnnxTensor Of(long[] values, params long[] shape) => Checked(OnnxElementType.Int64, shape, values);

    /// <summary>A tensor of any floating-point type; each value is rounded to it.</summary>
    /// <param name="type">A floating-point type.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="values">Row-major; kept if the type is double, otherwise copied.</param>
    /// <exception cref="ArgumentException">No floating-point type, or sizes and values disagree.</exception>
    public static OnnxTensor OfReals(OnnxElementType type, long[] shape, double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (!OnnxElement.IsFloating(type))
        {
            throw new ArgumentException($"{type} is no floating-point type.", nameof(type));
        }

        if (type == OnnxElementType.Float64)
        {
            return Checked(type, shape, values);
        }

        float[] rounded = GC.AllocateUninitializedArray<float>(values.Length);
        if (type == OnnxElementType.Float32)
        {
            for (int i = 0; i < values.Length; i++)
            {
                rounded[i] = (float)values[i];
            }
        }
        else
        {
            for (int i = 0; i < values.Length; i++)
            {
                rounded[i] = (float)OnnxElement.Round(type, values[i]);
            }
        }

        return Checked(type, shape, rounded);
    }

    /// <summary>A tensor of any integer type or of booleans; each value is wrapped to its range.</summary>
    /// <param name="type">An integer type or bool.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="values">Row-major; kept.</param>
    /// <exception cref="ArgumentException">A floating-point type, or sizes and values disagree.</exception>
    public static OnnxTensor OfIntegers(OnnxElementType type, long[] shape, long[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (OnnxElement.IsFloating(type))
        {
            throw new ArgumentException($"{type} is no integer type.", nameof(type));
        }

        if (type is not (OnnxElementType.Int64 or OnnxElementType.UInt64))
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = OnnxElement.Wrap(type, values[i]);
            }
        }

        return Checked(type, shape, values);
    }

    /// <summary>The elements in double precision; a copy unless the type is double. Integers are converted.</summary>
    public double[] ToDoubles()
    {
        if (_data is double[] doubles)
        {
            return doubles;
        }

        double[] copy = GC.AllocateUninitializedArray<double>(Count);
        if (_data is float[] floats)
        {
            for (int i = 0; i < copy.Length; i++)
            {
                copy[i] = floats[i];
            }
        }
        else
        {
            var integers = (long[])_data;
            for (int i = 0; i < copy.Length; i++)
            {
                copy[i] = Type == OnnxElementType.UInt64 ? (ulong)integers[i] : integers[i];
            }
        }

        return copy;
    }

    /// <summary>The elements in single precision; a copy. Doubles are rounded to nearest, integers converted.</summary>
    public float[] ToFloats() => _data is float[] floats ? [.. floats] : Array.ConvertAll(ToDoubles(), value => (float)value);

    /// <summary>The elements of an integer or boolean tensor (uint64 by its bits).</summary>
    /// <exception cref="InvalidOperationException">The tensor holds real numbers.</exception>
    public ReadOnlySpan<long> Integers => _data as long[] ?? throw new InvalidOperationException($"A tensor of {Type} has no integers.");

    /// <summary>The elements of a float, float16 or bfloat16 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another type.</exception>
    public ReadOnlySpan<float> Floats => _data as float[] ?? throw new InvalidOperationException($"A tensor of {Type} is not stored in single precision.");

    /// <summary>The same elements in another shape.</summary>
    /// <param name="shape">Sizes with the same product.</param>
    /// <exception cref="ArgumentException">The product differs.</exception>
    public OnnxTensor Reshape(params long[] shape) => Checked(Type, shape, _data);

    /// <summary>A tensor whose elements are picked from this one: what every operator that only moves data does.</summary>
    /// <param name="shape">Shape of the result.</param>
    /// <param name="source">For each element of the result, its place in this tensor, or −1 for <paramref name="fill"/>.</param>
    /// <param name="fill">A tensor of one element of the same type; null stands for zero.</param>
    /// <exception cref="ArgumentException">Sizes and places disagree.</exception>
    public OnnxTensor Pick(long[] shape, int[] source, OnnxTensor? fill = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Checked(Type, shape, _data switch
        {
            float[] floats => Picked(floats, source, fill is null ? 0 : ((float[])fill._data)[0]),
            double[] doubles => Picked(doubles, source, fill is null ? 0 : ((double[])fill._data)[0]),
            _ => Picked((long[])_data, source, fill is null ? 0 : ((long[])fill._data)[0]),
        });
    }

    /// <summary>All elements, one tensor after the other, as one tensor with one dimension.</summary>
    /// <param name="parts">At least one; all of one type.</param>
    internal static OnnxTensor Chain(IReadOnlyList<OnnxTensor> parts)
    {
        int total = 0;
        foreach (OnnxTensor part in parts)
        {
            total = checked(total + part.Count);
        }

        Array all = parts[0]._data switch
        {
            float[] => new float[total],
            double[] => new double[total],
            _ => new long[total],
        };
        int at = 0;
        foreach (OnnxTensor part in parts)
        {
            Array.Copy(part._data, 0, all, at, part.Count);
            at += part.Count;
        }

        return new OnnxTensor(parts[0].Type, [total], all);
    }

    /// <summary>Type and shape, for messages; never the values.</summary>
    public override string ToString() => $"{OnnxElement.Name(Type)}[{string.Join(", ", Dimensions)}]";

    private static T[] Picked<T>(T[] data, int[] source, T fill)
    {
        T[] result = GC.AllocateUninitializedArray<T>(source.Length);
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = source[i] < 0 ? fill : data[source[i]];
        }

        return result;
    }

    private static OnnxTensor Checked(OnnxElementType type, long[] shape, Array data)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(data);
        if (OnnxShape.Count(shape) != data.Length)
        {
            throw new ArgumentException($"The shape [{string.Join(", ", shape)}] does not have {data.Length} elements.", nameof(shape));
        }

        return new OnnxTensor(type, [.. shape], data);
    }

    /// <summary>The bytes in memory order of the stored single-precision elements.</summary>
    internal ReadOnlySpan<byte> FloatBytes => MemoryMarshal.AsBytes(Floats);
}
