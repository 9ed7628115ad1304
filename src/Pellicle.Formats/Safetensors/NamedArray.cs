using System.Runtime.InteropServices;

namespace Pellicle.Formats.Safetensors;

/// <summary>A tensor to be written: name, shape and elements in row-major order.</summary>
public abstract class NamedArray
{
    private protected NamedArray(string name, string dtype, IReadOnlyList<long> shape, long elements)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        long expected = 1;
        foreach (long size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            expected = checked(expected * size);
        }

        if (expected != elements)
        {
            throw new ArgumentException($"Tensor '{name}' has shape [{string.Join(", ", shape)}], that is {expected} elements, but {elements} were given.", nameof(shape));
        }

        Name = name;
        DType = dtype;
        Shape = [.. shape];
    }

    /// <summary>Name of the tensor; unique within a file.</summary>
    public string Name { get; }

    /// <summary>Element type as written in the file: F64, F32, F16, BF16, I64, I32, U8 or BOOL.</summary>
    public string DType { get; }

    /// <summary>Sizes, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    internal abstract long ByteCount { get; }

    /// <summary>Single precision.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <param name="values">Elements in row-major order.</param>
    public static NamedArray Of(string name, IReadOnlyList<long> shape, ReadOnlyMemory<float> values) => new Typed<float>(name, "F32", shape, values);

    /// <summary>Double precision.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <param name="values">Elements in row-major order.</param>
    public static NamedArray Of(string name, IReadOnlyList<long> shape, ReadOnlyMemory<double> values) => new Typed<double>(name, "F64", shape, values);

    /// <summary>Half precision.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <param name="values">Elements in row-major order.</param>
    public static NamedArray Of(string name, IReadOnlyList<long> shape, ReadOnlyMemory<Half> values) => new Typed<Half>(name, "F16", shape, values);

    /// <summary>The upper 16 bits of single precision.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <param name="bits">Elements in row-major order, each the upper half of a float.</param>
    public static NamedArray OfBFloat16(string name, IReadOnlyList<long> shape, ReadOnlyMemory<ushort> bits) => new Typed<ushort>(name, "BF16", shape, bits);

    /// <summary>64-bit integers.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <param name="values">Elements in row-major order.</param>
    public static NamedArray Of(string name, IReadOnlyList<long> shape, ReadOnlyMemory<long> values) => new Typed<long>(name, "I64", shape, values);

    /// <summary>32-bit integers.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <param name="values">Elements in row-major order.</param>
    public static NamedArray Of(string name, IReadOnlyList<long> shape, ReadOnlyMemory<int> values) => new Typed<int>(name, "I32", shape, values);

    /// <summary>Bytes.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <param name="values">Elements in row-major order.</param>
    public static NamedArray Of(string name, IReadOnlyList<long> shape, ReadOnlyMemory<byte> values) => new Typed<byte>(name, "U8", shape, values);

    /// <summary>Truth values, one byte each.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="shape">Sizes; their product is the number of values.</param>
    /// <param name="values">Elements in row-major order.</param>
    public static NamedArray Of(string name, IReadOnlyList<long> shape, ReadOnlyMemory<bool> values) => new Typed<bool>(name, "BOOL", shape, values);

    internal abstract void WriteTo(Stream stream);

    private sealed class Typed<T>(string name, string dtype, IReadOnlyList<long> shape, ReadOnlyMemory<T> values) : NamedArray(name, dtype, shape, values.Length)
        where T : unmanaged
    {
        private const int ChunkElements = 1 << 20;

        internal override long ByteCount => (long)values.Length * SafetensorsTypes.SizeOf(DType);

        // In pieces: the byte view of a large array would not fit one span. The file is little-endian, as every platform of this project is.
        internal override void WriteTo(Stream stream)
        {
            for (int start = 0; start < values.Length; start += ChunkElements)
            {
                int count = Math.Min(ChunkElements, values.Length - start);
                stream.Write(MemoryMarshal.AsBytes(values.Span.Slice(start, count)));
            }
        }
    }
}
