using System.Runtime.InteropServices;
using Pellicle.Core.Errors;

namespace Pellicle.Formats.Npy;

/// <summary>An array of plain numbers in row-major order and the byte order of the machine, whatever the file had.</summary>
public sealed class NpyArray
{
    private readonly byte[] _bytes;

    private NpyArray(string name, NpyType type, long[] shape, byte[] bytes)
    {
        Name = name;
        Type = type;
        Shape = shape;
        _bytes = bytes;
        Count = bytes.Length / NpyHeader.SizeOf(type);
    }

    /// <summary>File or archive entry, for messages.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public NpyType Type { get; }

    /// <summary>Sizes, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements.</summary>
    public int Count { get; }

    /// <summary>The elements as raw bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>True for half, single and double precision.</summary>
    public bool IsFloatingPoint => Type is NpyType.F2 or NpyType.F4 or NpyType.F8;

    /// <summary>Makes an array from elements.</summary>
    /// <typeparam name="T">bool, byte, sbyte, ushort, short, uint, int, long, Half, float or double.</typeparam>
    /// <param name="values">Elements in row-major order; copied.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <param name="name">Name for messages.</param>
    /// <exception cref="ArgumentException">The shape does not fit, or the type has no code.</exception>
    public static NpyArray From<T>(ReadOnlySpan<T> values, IReadOnlyList<long> shape, string name = "array")
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(shape);
        long expected = shape.Aggregate(1L, (product, size) => checked(product * size));
        if (expected != values.Length)
        {
            throw new ArgumentException($"Shape ({string.Join(", ", shape)}) has {expected} elements, but {values.Length} were given.", nameof(shape));
        }

        return new NpyArray(name, TypeOf<T>(), [.. shape], MemoryMarshal.AsBytes(values).ToArray());
    }

    /// <summary>The elements without a copy.</summary>
    /// <typeparam name="T">The type that matches <see cref="Type"/>.</typeparam>
    /// <exception cref="ArgumentException">The array has another type.</exception>
    public ReadOnlySpan<T> AsSpan<T>()
        where T : unmanaged =>
        TypeOf<T>() == Type
            ? MemoryMarshal.Cast<byte, T>(_bytes)
            : throw new ArgumentException($"{Name} holds {Type}, not {typeof(T).Name}.");

    /// <summary>All elements in single precision: numbers are rounded to nearest, truth values become 0 and 1. NaN and infinities stay.</summary>
    /// <returns>Elements in row-major order.</returns>
    public float[] ToFloats() => Type switch
    {
        NpyType.B1 or NpyType.U1 => Array.ConvertAll(_bytes, value => (float)value),
        NpyType.I1 => Convert<sbyte, float>(value => value),
        NpyType.U2 => Convert<ushort, float>(value => value),
        NpyType.I2 => Convert<short, float>(value => value),
        NpyType.U4 => Convert<uint, float>(value => value),
        NpyType.I4 => Convert<int, float>(value => value),
        NpyType.I8 => Convert<long, float>(value => value),
        NpyType.F2 => Convert<Half, float>(value => (float)value),
        NpyType.F4 => AsSpan<float>().ToArray(),
        _ => Convert<double, float>(value => (float)value),
    };

    /// <summary>All elements in double precision; exact except for 64-bit integers beyond 2^53.</summary>
    /// <returns>Elements in row-major order.</returns>
    public double[] ToDoubles() => Type switch
    {
        NpyType.F8 => AsSpan<double>().ToArray(),
        NpyType.I8 => Convert<long, double>(value => value),
        NpyType.I4 => Convert<int, double>(value => value),
        NpyType.U4 => Convert<uint, double>(value => value),
        _ => Array.ConvertAll(ToFloats(), value => (double)value), // at most 24 significant bits
    };

    /// <summary>All elements as integers, exactly.</summary>
    /// <returns>Elements in row-major order.</returns>
    /// <exception cref="DataFormatException">The array holds floating-point numbers.</exception>
    public long[] ToInt64s() => Type switch
    {
        NpyType.B1 or NpyType.U1 => Array.ConvertAll(_bytes, value => (long)value),
        NpyType.I1 => Convert<sbyte, long>(value => value),
        NpyType.U2 => Convert<ushort, long>(value => value),
        NpyType.I2 => Convert<short, long>(value => value),
        NpyType.U4 => Convert<uint, long>(value => value),
        NpyType.I4 => Convert<int, long>(value => value),
        NpyType.I8 => AsSpan<long>().ToArray(),
        _ => throw new DataFormatException($"{Name}: holds {Type} numbers; expected integers.", "Save the array with an integer type, for example array.astype('int64')."),
    };

    /// <summary>Throws if an element is NaN or infinite.</summary>
    /// <exception cref="DataFormatException">Names the index of the first such element.</exception>
    public void RequireFinite()
    {
        if (!IsFloatingPoint)
        {
            return;
        }

        long first = Type == NpyType.F8 ? NonFinite.IndexOfFirst(AsSpan<double>()) : NonFinite.IndexOfFirst(Type == NpyType.F4 ? AsSpan<float>() : ToFloats());
        if (first >= 0)
        {
            throw new DataFormatException(
                $"{Name}: element [{string.Join(", ", NonFinite.IndexIn(Shape, first))}] is NaN or infinite; expected finite numbers only.",
                "Repair or remove the affected items before using the array.");
        }
    }

    internal static NpyArray Own(string name, NpyType type, long[] shape, byte[] bytes) => new(name, type, shape, bytes);

    private static NpyType TypeOf<T>() => typeof(T) switch
    {
        var t when t == typeof(bool) => NpyType.B1,
        var t when t == typeof(byte) => NpyType.U1,
        var t when t == typeof(sbyte) => NpyType.I1,
        var t when t == typeof(ushort) => NpyType.U2,
        var t when t == typeof(short) => NpyType.I2,
        var t when t == typeof(uint) => NpyType.U4,
        var t when t == typeof(int) => NpyType.I4,
        var t when t == typeof(long) => NpyType.I8,
        var t when t == typeof(Half) => NpyType.F2,
        var t when t == typeof(float) => NpyType.F4,
        var t when t == typeof(double) => NpyType.F8,
        var t => throw new ArgumentException($"{t.Name} has no .npy type code here."),
    };

    private TOut[] Convert<TIn, TOut>(Func<TIn, TOut> convert)
        where TIn : unmanaged
    {
        ReadOnlySpan<TIn> source = MemoryMarshal.Cast<byte, TIn>(_bytes);
        var result = new TOut[source.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = convert(source[i]);
        }

        return result;
    }
}
