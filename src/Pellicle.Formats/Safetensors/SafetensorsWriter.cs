using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pellicle.Core.Files;

namespace Pellicle.Formats.Safetensors;

/// <summary>Lays out and writes a safetensors file as the reference implementation does.</summary>
internal static class SafetensorsWriter
{
    public static void Write(string path, IEnumerable<NamedArray> arrays, IReadOnlyDictionary<string, string>? metadata, UnixFileMode? mode)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        NamedArray[] sorted = [.. arrays
            .OrderBy(array => SafetensorsTypes.WriteOrder(array.DType))
            .ThenBy(array => array.Name, StringComparer.Ordinal)];
        CheckNames(sorted);
        byte[] header = MakeHeader(sorted.Select(array => (array.Name, array.DType, array.Shape, array.ByteCount)), metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (NamedArray array in sorted)
            {
                array.WriteTo(stream);
            }
        }, mode);
    }

    private static void CheckNames(NamedArray[] arrays)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
        foreach (NamedArray array in arrays)
        {
            if (!names.Add(array.Name))
            {
                throw new ArgumentException($"The name '{array.Name}' is given twice or is reserved.", nameof(arrays));
            }
        }
    }

    /// <summary>Everything before the data: length of the header, then the header, padded to 8 bytes.</summary>
    /// <param name="tensors">Name, type, shape and bytes of each tensor, in the order of the data.</param>
    /// <param name="metadata">Free texts, or null.</param>
    public static byte[] MakeHeader(IEnumerable<(string Name, string DType, IReadOnlyList<long> Shape, long ByteCount)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[sizeof(long)]);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach ((string name, string type, IReadOnlyList<long> shape, long bytes) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", type);
                WriteNumbers(json, "shape", shape);
                WriteNumbers(json, "data_offsets", [offset, offset + bytes]);
                json.WriteEndObject();
                offset = checked(offset + bytes);
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        byte[] result = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(result, result.Length - sizeof(long));
        return result;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
