using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pellicle.Core.Files;

namespace Pellicle.Formats.Safetensors;

/// <summary>Lays out and writes a safetensors file as the reference implementation does.</summary>
internal static class SafetensorsWriter
{
    public static void Write(string path, IEnumerable<NamedArray> arrays, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        NamedArray[] sorted = [.. arrays
            .OrderBy(array => SafetensorsTypes.WriteOrder(array.DType))
            .ThenBy(array => array.Name, StringComparer.Ordinal)];
        CheckNames(sorted);
        byte[] header = MakeHeader(sorted, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
            stream.Write(prefix);
            stream.Write(header);
            foreach (NamedArray array in sorted)
            {
                array.WriteTo(stream);
            }
        });
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

    private static byte[] MakeHeader(NamedArray[] arrays, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
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
            foreach (NamedArray array in arrays)
            {
                json.WriteStartObject(array.Name);
                json.WriteString("dtype", array.DType);
                WriteNumbers(json, "shape", array.Shape);
                WriteNumbers(json, "data_offsets", [offset, offset + array.ByteCount]);
                json.WriteEndObject();
                offset = checked(offset + array.ByteCount);
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
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
