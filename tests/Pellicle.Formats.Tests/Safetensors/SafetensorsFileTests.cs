using System.Buffers.Binary;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Safetensors;

namespace Pellicle.Formats.Tests.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back_with_types_shapes_and_metadata()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsFile.Write(
            path,
            [
                NamedArray.Of("weight", [2, 3], new float[] { 1, 2, 3, 4, 5, -6.5f }),
                NamedArray.Of("moment", [2], new double[] { 0.1, 1e300 }),
                NamedArray.Of("step", [], new long[] { long.MinValue }),
                NamedArray.Of("ids", [2], new int[] { -1, 7 }),
                NamedArray.Of("pixels", [3], new byte[] { 0, 128, 255 }),
                NamedArray.Of("mask", [2], new bool[] { true, false }),
                NamedArray.Of("empty", [0, 4], Array.Empty<float>()),
            ],
            new Dictionary<string, string> { ["format"] = "pt", ["name with \"quotes\""] = "ä" });

        using SafetensorsFile file = SafetensorsFile.Read(path);

        Assert.Equal(7, file.Entries.Count);
        Assert.Equal("F32", file.Entries["weight"].DType);
        Assert.Equal([2L, 3L], file.Entries["weight"].Shape);
        Assert.Equal(6, file.Entries["weight"].ElementCount);
        Assert.Equal([1, 2, 3, 4, 5, -6.5f], file.ReadFloats("weight"));
        Assert.Equal([0.1, 1e300], file.ReadDoubles("moment"));
        Assert.Equal([long.MinValue], file.ReadInt64s("step"));
        Assert.Empty(file.Entries["step"].Shape);
        Assert.Equal([-1L, 7L], file.ReadInt64s("ids"));
        Assert.Equal([0, 128, 255], file.ReadBytes("pixels"));
        Assert.Equal([1L, 0L], file.ReadInt64s("mask"));
        Assert.Empty(file.ReadFloats("empty"));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("ä", file.Metadata["name with \"quotes\""]);
    }

    [Fact]
    public void Half_brain_and_double_precision_are_converted_to_single()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsFile.Write(path,
        [
            NamedArray.Of("half", [3], new Half[] { (Half)1.5f, (Half)(-0.25f), Half.PositiveInfinity }),
            NamedArray.OfBFloat16("brain", [3], new ushort[] { 0x3FC0, 0xC000, 0x7F80 }),
            NamedArray.Of("double", [2], new double[] { 0.1, -2 }),
        ]);

        using SafetensorsFile file = SafetensorsFile.Read(path);

        Assert.Equal([1.5f, -0.25f, float.PositiveInfinity], file.ReadFloats("half"));
        Assert.Equal([1.5f, -2f, float.PositiveInfinity], file.ReadFloats("brain"));
        Assert.Equal([0.1f, -2f], file.ReadFloats("double"));
    }

    [Fact]
    public void Layout_is_that_of_the_reference_writer()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsFile.Write(path, [NamedArray.Of("b", [1], new float[] { 2 }), NamedArray.Of("z", [1], new long[] { 3 }), NamedArray.Of("a", [1], new float[] { 1 })]);

        byte[] bytes = File.ReadAllBytes(path);
        int headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        string header = Encoding.UTF8.GetString(bytes, 8, headerLength);

        const string expected = """{"z":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""";
        Assert.Equal(expected, header.TrimEnd(' '));
        Assert.Equal(0, headerLength % 8);
        Assert.Equal(8 + headerLength + 16, bytes.Length);
    }

    [Fact]
    public void Large_tensors_are_converted_piece_by_piece()
    {
        string path = _folder.File("a.safetensors");
        Half[] values = [.. Enumerable.Range(0, 200_001).Select(i => (Half)(i % 1000))];
        SafetensorsFile.Write(path, [NamedArray.Of("half", [values.Length], values)]);

        using SafetensorsFile file = SafetensorsFile.Read(path);

        Assert.Equal(values.Select(v => (float)v), file.ReadFloats("half"));
    }

    [Fact]
    public void A_failed_write_leaves_the_former_file_untouched()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsFile.Write(path, [NamedArray.Of("a", [1], new float[] { 1 })]);
        byte[] before = File.ReadAllBytes(path);

        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(path, [NamedArray.Of("a", [1], new float[] { 1 }), NamedArray.Of("a", [1], new float[] { 2 })]));

        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void Reading_a_tensor_as_the_wrong_kind_names_tensor_and_type()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsFile.Write(path, [NamedArray.Of("step", [1], new long[] { 1 }), NamedArray.Of("w", [1], new float[] { 1 })]);
        using SafetensorsFile file = SafetensorsFile.Read(path);

        Assert.Contains("'step' has type I64", Assert.Throws<DataFormatException>(() => file.ReadFloats("step")).Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => file.ReadInt64s("w"));
        Assert.Contains("'missing'", Assert.Throws<DataFormatException>(() => file.ReadFloats("missing")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => file.ReadFloats("w", new float[2]));
    }

    [Theory]
    [InlineData("""[]""", 0, "does not start with '{'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "not valid JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}x""", 4, "not valid JSON")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "type 'F8_E4M3'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 4, "outside the 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "leaves 4 unused bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "end at byte")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "twice")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "'dtype' twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "overflows")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "more than 2 numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "needs the fields")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"extra":1}}""", 4, "unknown field 'extra'")]
    [InlineData("""{"a":[1]}""", 0, "expected StartObject")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "expected String")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", 0, "twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, "twice")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4, "not valid JSON")]
    public void Invalid_header_is_refused_with_its_reason(string header, int dataBytes, string reason)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] bytes = [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[dataBytes]];

        DataFormatException e = Assert.Throws<DataFormatException>(() => SafetensorsFile.Read(ByteSource.FromMemory(bytes, "model.safetensors")));

        Assert.StartsWith("model.safetensors: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.NotEmpty(e.Hint);
    }

    [Theory]
    [InlineData(0, 0L, "8 bytes of header length")]
    [InlineData(8, 100_000_001L, "at most 100000000")]
    [InlineData(8, -1L, "at most 100000000")]
    [InlineData(8, long.MaxValue, "at most 100000000")]
    [InlineData(8, 99_999_999L, "only 0 follow")]
    public void Hostile_header_length_is_refused_before_memory_is_taken(int length, long declared, string reason)
    {
        byte[] bytes = BitConverter.GetBytes(declared)[..length];

        Assert.Contains(reason, Assert.Throws<DataFormatException>(() => SafetensorsFile.Read(ByteSource.FromMemory(bytes, "m"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_file_and_folder_are_named()
    {
        Assert.Contains("does not exist", Assert.Throws<DataFormatException>(() => SafetensorsFile.Read(_folder.File("no.safetensors"))).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<DataFormatException>(() => SafetensorsFile.Read(Path.GetTempPath())).Message, StringComparison.Ordinal);
    }
}
