using System.Buffers.Binary;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;

namespace Pellicle.Formats.Safetensors;

/// <summary>Parses and checks the JSON header of a safetensors file. The input is treated as hostile.</summary>
internal static class SafetensorsHeader
{
    /// <summary>Largest accepted header, in bytes; the limit of the reference implementation.</summary>
    public const long MaxHeaderBytes = 100_000_000;

    public const string MetadataKey = "__metadata__";
    private const int MaxTensors = 200_000;
    private const int MaxRank = 32;

    /// <summary>Reads entries (with offsets from the start of the file) and metadata.</summary>
    /// <exception cref="DataFormatException">Anything that the format does not allow.</exception>
    public static (Dictionary<string, SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Read(ByteSource source)
    {
        if (source.Length < 8)
        {
            throw Bad(source, $"is {source.Length} bytes long; a safetensors file starts with 8 bytes of header length");
        }

        Span<byte> prefix = stackalloc byte[8];
        source.ReadExactly(0, prefix);
        ulong declared = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (declared > MaxHeaderBytes)
        {
            throw Bad(source, $"declares a header of {declared} bytes (byte 0); at most {MaxHeaderBytes} are accepted");
        }

        long headerLength = (long)declared;
        if (headerLength > source.Length - 8)
        {
            throw Bad(source, $"declares a header of {headerLength} bytes (byte 0), but only {source.Length - 8} follow");
        }

        byte[] json = source.ReadBytes(8, headerLength);
        if (json.Length == 0 || json[0] != (byte)'{')
        {
            throw Bad(source, "its header does not start with '{' (byte 8)");
        }

        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            Parse(source, json, 8 + headerLength, entries, metadata);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a text that is not valid UTF-16, found when it is decoded.
            throw Bad(source, $"its header is not valid JSON: {e.Message}", e);
        }

        CheckCoverage(source, entries, 8 + headerLength);
        return (entries, metadata);
    }

    private static void Parse(ByteSource source, byte[] json, long dataStart, Dictionary<string, SafetensorsEntry> entries, Dictionary<string, string> metadata)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        bool hasMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (name == MetadataKey)
            {
                if (hasMetadata)
                {
                    throw Bad(source, $"has '{MetadataKey}' twice (byte {8 + reader.TokenStartIndex})");
                }

                hasMetadata = true;
                ParseMetadata(source, ref reader, metadata);
                continue;
            }

            long position = 8 + reader.TokenStartIndex;
            if (!entries.TryAdd(name, ParseEntry(source, ref reader, name, dataStart)))
            {
                throw Bad(source, $"has the tensor '{Short(name)}' twice (byte {position})");
            }

            if (entries.Count > MaxTensors)
            {
                throw Bad(source, $"has more than {MaxTensors} tensors");
            }
        }

        // Trailing spaces pad the header; anything else makes the reader throw here.
        while (reader.Read())
        {
        }
    }

    private static void ParseMetadata(ByteSource source, ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Expect(source, ref reader, JsonTokenType.StartObject, MetadataKey);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(source, ref reader, JsonTokenType.String, MetadataKey);
            if (!metadata.TryAdd(key, reader.GetString()!))
            {
                throw Bad(source, $"has the metadata key '{Short(key)}' twice (byte {8 + reader.TokenStartIndex})");
            }
        }
    }

    private static SafetensorsEntry ParseEntry(ByteSource source, ref Utf8JsonReader reader, string name, long dataStart)
    {
        Expect(source, ref reader, JsonTokenType.StartObject, name);
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            bool isRepeated = field switch { "dtype" => type is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            if (isRepeated)
            {
                throw Bad(source, $"tensor '{Short(name)}' has '{field}' twice");
            }

            switch (field)
            {
                case "dtype":
                    Expect(source, ref reader, JsonTokenType.String, name);
                    type = reader.GetString()!;
                    break;
                case "shape":
                    shape = ParseNumbers(source, ref reader, name, field, MaxRank);
                    break;
                case "data_offsets":
                    offsets = ParseNumbers(source, ref reader, name, field, 2);
                    break;
                default:
                    throw Bad(source, $"tensor '{Short(name)}' has the unknown field '{Short(field)}'");
            }
        }

        return type is null || shape is null || offsets is not [_, _]
            ? throw Bad(source, $"tensor '{Short(name)}' needs the fields dtype, shape and data_offsets (two numbers)")
            : CheckEntry(source, name, type, shape, offsets, dataStart);
    }

    private static SafetensorsEntry CheckEntry(ByteSource source, string name, string type, long[] shape, long[] offsets, long dataStart)
    {
        int size = SafetensorsTypes.SizeOf(type);
        if (size == 0)
        {
            throw Bad(source, $"tensor '{Short(name)}' has type '{Short(type)}'; expected one of {SafetensorsTypes.Supported}");
        }

        long dataLength = source.Length - dataStart;
        if (offsets[0] > offsets[1] || offsets[1] > dataLength)
        {
            throw Bad(source, $"tensor '{Short(name)}' lies at {offsets[0]} to {offsets[1]}, outside the {dataLength} bytes of data");
        }

        long expected = size;
        try
        {
            foreach (long extent in shape)
            {
                expected = checked(expected * extent);
            }
        }
        catch (OverflowException e)
        {
            throw Bad(source, $"tensor '{Short(name)}' has the shape [{string.Join(", ", shape)}], whose size overflows", e);
        }

        if (expected != offsets[1] - offsets[0])
        {
            throw Bad(source, $"tensor '{Short(name)}' of type {type} and shape [{string.Join(", ", shape)}] needs {expected} bytes, but its offsets give {offsets[1] - offsets[0]}");
        }

        return new SafetensorsEntry(type, shape, dataStart + offsets[0], expected);
    }

    /// <summary>The reference implementation wants the data covered exactly: a gap could hide content, an overlap lets one tensor change another.</summary>
    private static void CheckCoverage(ByteSource source, Dictionary<string, SafetensorsEntry> entries, long dataStart)
    {
        KeyValuePair<string, SafetensorsEntry>[] sorted = [.. entries];
        Array.Sort(sorted, (a, b) => (a.Value.Offset, a.Value.ByteCount).CompareTo((b.Value.Offset, b.Value.ByteCount)));
        long position = dataStart;
        foreach ((string name, SafetensorsEntry entry) in sorted)
        {
            if (entry.Offset != position)
            {
                string what = entry.Offset < position ? "overlaps the tensor before it" : $"leaves {entry.Offset - position} unused bytes before it";
                throw Bad(source, $"tensor '{Short(name)}' at byte {entry.Offset} {what}");
            }

            position += entry.ByteCount;
        }

        if (position != source.Length)
        {
            throw Bad(source, $"its tensors end at byte {position}, but the file has {source.Length} bytes");
        }
    }

    private static long[] ParseNumbers(ByteSource source, ref Utf8JsonReader reader, string name, string field, int most)
    {
        Expect(source, ref reader, JsonTokenType.StartArray, name);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw Bad(source, $"tensor '{Short(name)}', {field}: expected whole numbers from 0 to {long.MaxValue} (byte {8 + reader.TokenStartIndex})");
            }

            if (numbers.Count == most)
            {
                throw Bad(source, $"tensor '{Short(name)}', {field}: more than {most} numbers (byte {8 + reader.TokenStartIndex})");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static void Expect(ByteSource source, ref Utf8JsonReader reader, JsonTokenType type, string name)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw Bad(source, $"'{Short(name)}': expected {type} (byte {8 + reader.TokenStartIndex}), found {reader.TokenType}");
        }
    }

    private static string Short(string text)
    {
        string cut = text.Length > 80 ? text[..80] + "…" : text;
        return string.Concat(cut.Select(c => char.IsControl(c) ? '?' : c));
    }

    private static DataFormatException Bad(ByteSource source, string what, Exception? inner = null) =>
        new($"{source.Name}: {what}.", "Expected a file in the safetensors format. Copy or download it again, or convert the weights anew.", inner: inner);
}
