using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Onnx.Wire;

namespace Pellicle.Formats.Onnx;

/// <summary>Turns serialised tensors into <see cref="OnnxTensor"/>: type, shape and length must agree before an array is made.</summary>
/// <param name="file">Name of the file, for messages.</param>
/// <param name="folder">Where tensors outside the file may lie; null refuses them.</param>
internal sealed class OnnxTensorReader(string file, string? folder)
{
    // Integers take eight bytes in memory whatever they take in the file; weights of this size do not occur as integers.
    private const long MaxIntegers = 1 << 23;

    /// <summary>Reads a tensor.</summary>
    /// <param name="proto">As parsed.</param>
    /// <param name="where">How messages call it.</param>
    public OnnxTensor Read(TensorProto proto, string where)
    {
        var type = (OnnxElementType)proto.DataType;
        if (!OnnxElement.IsKnown(type))
        {
            throw Bad(where, $"has element type {proto.DataType}; expected float, double, float16, bfloat16, an integer type of 8 to 64 bits, or bool");
        }

        long[] shape = [.. proto.Dims];
        long count = OnnxShape.Count(shape);
        if (Array.Exists(shape, size => size is < 0 or > int.MaxValue) || count < 0)
        {
            throw Bad(where, $"has shape {OnnxShape.Text(shape)}; expected sizes from 0 to 2^31 - 1 with a product that fits an array");
        }

        if (!OnnxElement.IsFloating(type) && count > MaxIntegers)
        {
            throw Bad(where, $"has {count} integers; expected at most {MaxIntegers}");
        }

        if (proto.DataLocation == TensorProto.Types.DataLocation.External)
        {
            return FromRaw(type, shape, count, External(proto, where, count * OnnxElement.ByteCount(type)), where);
        }

        int typed = TypedCount(proto, type);
        return proto.RawData.Length > 0 || (typed == 0 && count == 0)
            ? typed > 0 ? throw Bad(where, "has its values twice, as raw_data and as typed data") : FromRaw(type, shape, count, proto.RawData.Span, where)
            : FromTyped(proto, type, shape, count, typed, where);
    }

    private static int TypedCount(TensorProto proto, OnnxElementType type) => type switch
    {
        OnnxElementType.Float32 => proto.FloatData.Count,
        OnnxElementType.Float64 => proto.DoubleData.Count,
        OnnxElementType.Int64 => proto.Int64Data.Count,
        OnnxElementType.UInt32 or OnnxElementType.UInt64 => proto.Uint64Data.Count,
        _ => proto.Int32Data.Count,
    };

    private OnnxTensor FromTyped(TensorProto proto, OnnxElementType type, long[] shape, long count, int typed, string where)
    {
        if (typed != count)
        {
            throw Bad(where, $"has shape {OnnxShape.Text(shape)}, which takes {count} values, but {typed} are there");
        }

        return type switch
        {
            OnnxElementType.Float32 => OnnxTensor.Of([.. proto.FloatData], shape),
            OnnxElementType.Float64 => OnnxTensor.OfReals(type, shape, [.. proto.DoubleData]),
            OnnxElementType.Float16 => OnnxTensor.OfReals(type, shape, [.. proto.Int32Data.Select(bits => (double)BitConverter.UInt16BitsToHalf((ushort)bits))]),
            OnnxElementType.BFloat16 => OnnxTensor.OfReals(type, shape, [.. proto.Int32Data.Select(bits => (double)OnnxElement.FromBFloat16((ushort)bits))]),
            OnnxElementType.Int64 => OnnxTensor.OfIntegers(type, shape, [.. proto.Int64Data]),
            OnnxElementType.UInt32 or OnnxElementType.UInt64 => OnnxTensor.OfIntegers(type, shape, [.. proto.Uint64Data.Select(value => (long)value)]),
            _ => OnnxTensor.OfIntegers(type, shape, [.. proto.Int32Data.Select(value => (long)value)]),
        };
    }

    private OnnxTensor FromRaw(OnnxElementType type, long[] shape, long count, ReadOnlySpan<byte> raw, string where)
    {
        if (raw.Length != count * OnnxElement.ByteCount(type))
        {
            throw Bad(where, $"has shape {OnnxShape.Text(shape)}, which takes {count * OnnxElement.ByteCount(type)} bytes, but {raw.Length} are there");
        }

        if (type == OnnxElementType.Float32)
        {
            // ONNX data are little-endian, and so are all machines this runs on.
            return OnnxTensor.Of(MemoryMarshal.Cast<byte, float>(raw).ToArray(), shape);
        }

        if (OnnxElement.IsFloating(type))
        {
            var reals = new double[count];
            for (int i = 0; i < reals.Length; i++)
            {
                reals[i] = type switch
                {
                    OnnxElementType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(raw[(8 * i)..]),
                    OnnxElementType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(raw[(2 * i)..]),
                    _ => OnnxElement.FromBFloat16(BinaryPrimitives.ReadUInt16LittleEndian(raw[(2 * i)..])),
                };
            }

            return OnnxTensor.OfReals(type, shape, reals);
        }

        int size = OnnxElement.ByteCount(type);
        var integers = new long[count];
        for (int i = 0; i < integers.Length; i++)
        {
            ReadOnlySpan<byte> at = raw[(size * i)..];
            integers[i] = size switch
            {
                1 => at[0],
                2 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                4 => BinaryPrimitives.ReadUInt32LittleEndian(at),
                _ => BinaryPrimitives.ReadInt64LittleEndian(at),
            };
        }

        return OnnxTensor.OfIntegers(type, shape, integers); // wrapping to the type makes the sign
    }

    private byte[] External(TensorProto proto, string where, long bytes)
    {
        if (folder is null)
        {
            throw Bad(where, "lies outside the file, which is not read here");
        }

        var entries = new Dictionary<string, string>();
        foreach (StringStringEntryProto entry in proto.ExternalData)
        {
            entries[entry.Key] = entry.Value;
        }

        string location = entries.GetValueOrDefault("location", string.Empty);
        string path = Path.GetFullPath(Path.Combine(folder, location));
        string root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        if (location.Length == 0 || Path.IsPathRooted(location) || location.Contains('\0') || !path.StartsWith(root, StringComparison.Ordinal) || LeavesThroughLink(path, root))
        {
            throw Bad(where, $"lies in '{location}'; expected a file inside the model's folder, without links");
        }

        long offset = Number(entries, "offset", 0, where);
        long length = Number(entries, "length", bytes, where);
        if (length != bytes)
        {
            throw Bad(where, $"has {length} bytes in '{location}', but its shape takes {bytes}");
        }

        using ByteSource source = ByteSource.Open(path);
        return source.ReadBytes(offset, length);
    }

    private static bool LeavesThroughLink(string path, string root)
    {
        for (string? at = path; at is not null && at.Length >= root.Length; at = Path.GetDirectoryName(at))
        {
            if (new FileInfo(at).LinkTarget is not null)
            {
                return true;
            }
        }

        return false;
    }

    private long Number(Dictionary<string, string> entries, string key, long otherwise, string where) =>
        !entries.TryGetValue(key, out string? text) ? otherwise
        : long.TryParse(text, System.Globalization.NumberStyles.None, null, out long value) ? value
        : throw Bad(where, $"has the {key} '{text}' in its external data; expected a whole number");

    private DataFormatException Bad(string where, string what) => new($"{file}: {where} {what}.", "Export the model again.");
}
