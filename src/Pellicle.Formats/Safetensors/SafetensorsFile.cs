using System.Runtime.InteropServices;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;

namespace Pellicle.Formats.Safetensors;

/// <summary>A file of named tensors: eight bytes of header length, a JSON header, raw little-endian data.</summary>
/// <remarks>Format of huggingface/safetensors, 0.4. Reading checks the whole header before any tensor is touched: header at most 100 MB, known element types,
/// sizes that agree with the offsets, data that cover the file without gap or overlap, no name twice. Tensors are read by offset on demand, by many threads at once.</remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly ByteSource _source;

    private SafetensorsFile(ByteSource source, IReadOnlyDictionary<string, SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        _source = source;
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>Path of the file, for messages.</summary>
    public string Name => _source.Name;

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>The texts under <c>__metadata__</c>; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="DataFormatException">Missing, truncated, or the header is not valid; names tensor or byte.</exception>
    public static SafetensorsFile Read(string path)
    {
        ByteSource source = ByteSource.Open(path);
        try
        {
            return Read(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Checks the header of a source.</summary>
    /// <param name="source">The file; owned by the result from now on.</param>
    /// <exception cref="DataFormatException">Truncated, or the header is not valid; names tensor or byte.</exception>
    public static SafetensorsFile Read(ByteSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        (Dictionary<string, SafetensorsEntry> entries, Dictionary<string, string> metadata) = SafetensorsHeader.Read(source);
        return new SafetensorsFile(source, entries, metadata);
    }

    /// <summary>Writes a file atomically: a killed process leaves the former file or the new one.</summary>
    /// <remarks>Laid out as by the reference writer: tensors by falling alignment of the type, then by name; header padded with spaces to a multiple of eight bytes.
    /// The same arrays give the same bytes.</remarks>
    /// <param name="path">Final path; its folder is created.</param>
    /// <param name="arrays">Tensors with distinct names.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>; null or empty for none.</param>
    /// <param name="mode">Permissions from the first byte on; null for the system's default.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or one is called <c>__metadata__</c>.</exception>
    /// <exception cref="EnvironmentException">The folder is read-only or the disk is full.</exception>
    public static void Write(string path, IEnumerable<NamedArray> arrays, IReadOnlyDictionary<string, string>? metadata = null, UnixFileMode? mode = null) =>
        SafetensorsWriter.Write(path, arrays, metadata, mode);

    /// <summary>Finds a tensor that must exist.</summary>
    /// <param name="name">Exact name.</param>
    /// <exception cref="DataFormatException">There is none of this name.</exception>
    public SafetensorsEntry Find(string name) => Entries.TryGetValue(name, out SafetensorsEntry? entry)
        ? entry
        : throw new DataFormatException($"{Name}: has no tensor '{name}'.", "Check that the file belongs to this model; 'model inspect' lists its tensors.");

    /// <summary>Reads a floating-point tensor as single precision.</summary>
    /// <param name="name">Name of a tensor of type F32, F16, BF16, F64 or I8; F64 is rounded to nearest.</param>
    /// <returns>Elements in row-major order.</returns>
    /// <exception cref="DataFormatException">No such tensor, another type, or the file cannot be read.</exception>
    public float[] ReadFloats(string name)
    {
        SafetensorsEntry entry = Find(name);
        CheckArrayLength(name, entry);
        float[] values = GC.AllocateUninitializedArray<float>((int)entry.ElementCount);
        ReadFloats(name, values);
        return values;
    }

    /// <summary>Reads a floating-point tensor as single precision into a span.</summary>
    /// <param name="name">Name of a tensor of type F32, F16, BF16, F64 or I8; F64 is rounded to nearest.</param>
    /// <param name="destination">Exactly as long as the tensor.</param>
    /// <exception cref="DataFormatException">No such tensor, another type, or the file cannot be read.</exception>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void ReadFloats(string name, Span<float> destination)
    {
        SafetensorsEntry entry = Find(name);
        if (destination.Length != entry.ElementCount)
        {
            throw new ArgumentException($"Tensor '{name}' has {entry.ElementCount} elements, the destination {destination.Length}.", nameof(destination));
        }

        switch (entry.DType)
        {
            case "F32":
                ReadInPieces<float>(entry, destination, static (source, target) => source.CopyTo(target));
                break;
            case "F16":
                ReadInPieces<Half>(entry, destination, WidenHalf);
                break;
            case "BF16":
                ReadInPieces<ushort>(entry, destination, WidenBFloat16);
                break;
            case "F64":
                ReadInPieces<double>(entry, destination, Narrow);
                break;
            case "I8":
                ReadInPieces<sbyte>(entry, destination, WidenInt8);
                break;
            default:
                throw WrongType(name, entry, "a floating-point type (F32, F16, BF16, F64) or I8");
        }
    }

    /// <summary>Reads a tensor of type F64 or F32 in double precision.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <returns>Elements in row-major order.</returns>
    /// <exception cref="DataFormatException">No such tensor, another type, or the file cannot be read.</exception>
    public double[] ReadDoubles(string name)
    {
        SafetensorsEntry entry = Find(name);
        return entry.DType switch
        {
            "F64" => ReadRaw<double>(entry),
            "F32" => Array.ConvertAll(ReadRaw<float>(entry), value => (double)value),
            _ => throw WrongType(name, entry, "F64 or F32"),
        };
    }

    /// <summary>Reads an integer tensor.</summary>
    /// <param name="name">Name of a tensor of type I64, I32, U8 or BOOL.</param>
    /// <returns>Elements in row-major order.</returns>
    /// <exception cref="DataFormatException">No such tensor, another type, or the file cannot be read.</exception>
    public long[] ReadInt64s(string name)
    {
        SafetensorsEntry entry = Find(name);
        return entry.DType switch
        {
            "I64" => ReadRaw<long>(entry),
            "I32" => Array.ConvertAll(ReadRaw<int>(entry), value => (long)value),
            "U8" or "BOOL" => Array.ConvertAll(ReadRaw<byte>(entry), value => (long)value),
            _ => throw WrongType(name, entry, "an integer type (I64, I32, U8, BOOL)"),
        };
    }

    /// <summary>Reads the raw bytes of a tensor of any type.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <returns>Little-endian elements in row-major order.</returns>
    /// <exception cref="DataFormatException">No such tensor, or the file cannot be read.</exception>
    public byte[] ReadBytes(string name)
    {
        SafetensorsEntry entry = Find(name);
        return _source.ReadBytes(entry.Offset, entry.ByteCount);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private delegate void Convert<T>(ReadOnlySpan<T> source, Span<float> target);

    private void ReadInPieces<T>(SafetensorsEntry entry, Span<float> destination, Convert<T> convert)
        where T : unmanaged
    {
        const int Piece = 1 << 16;
        var buffer = new T[Math.Min(Piece, destination.Length)];
        int size = SafetensorsTypes.SizeOf(entry.DType);
        for (int start = 0; start < destination.Length; start += Piece)
        {
            Span<T> part = buffer.AsSpan(0, Math.Min(Piece, destination.Length - start));
            _source.ReadExactly(entry.Offset + (long)start * size, MemoryMarshal.AsBytes(part));
            convert(part, destination.Slice(start, part.Length));
        }
    }

    private T[] ReadRaw<T>(SafetensorsEntry entry)
        where T : unmanaged
    {
        byte[] bytes = _source.ReadBytes(entry.Offset, entry.ByteCount);
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }

    private static void WidenHalf(ReadOnlySpan<Half> source, Span<float> target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = (float)source[i];
        }
    }

    private static void WidenBFloat16(ReadOnlySpan<ushort> source, Span<float> target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        }
    }

    private static void WidenInt8(ReadOnlySpan<sbyte> source, Span<float> target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = source[i];
        }
    }

    private static void Narrow(ReadOnlySpan<double> source, Span<float> target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = (float)source[i];
        }
    }

    private void CheckArrayLength(string name, SafetensorsEntry entry)
    {
        if (entry.ElementCount > Array.MaxLength)
        {
            throw new DataFormatException($"{Name}: tensor '{name}' has {entry.ElementCount} elements, more than one array can hold.", "Split the tensor.");
        }
    }

    private DataFormatException WrongType(string name, SafetensorsEntry entry, string expected) =>
        new($"{Name}: tensor '{name}' has type {entry.DType}; expected {expected}.", "Convert the tensor where the file is made, or choose another tensor.");
}
