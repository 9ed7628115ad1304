using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Npy;

namespace Pellicle.Formats.Tests.Npy;

public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<int, bool, bool> Layouts()
    {
        var data = new TheoryData<int, bool, bool>();
        for (int version = 1; version <= 3; version++)
        {
            foreach ((bool big, bool fortran) in new[] { (false, false), (true, false), (false, true), (true, true) })
            {
                data.Add(version, big, fortran);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_layout_reads_back_as_the_same_row_major_array(int version, bool isBigEndian, bool isFortranOrder)
    {
        var layout = new NpyLayout { Version = version, IsBigEndian = isBigEndian, IsFortranOrder = isFortranOrder };
        float[] values = [.. Enumerable.Range(0, 24).Select(i => i * 1.25f)];

        RoundTrip<bool>([true, false, true, true], [2, 2], layout);
        RoundTrip<byte>([1, 2, 255, 0, 5, 6], [3, 2], layout);
        RoundTrip<sbyte>([-128, 127], [2], layout);
        RoundTrip<ushort>([1, 65535], [2], layout);
        RoundTrip<short>([-2, 300, 4, 5], [2, 2], layout);
        RoundTrip<uint>([1, uint.MaxValue], [1, 2], layout);
        RoundTrip<int>([int.MinValue, 7], [2, 1], layout);
        RoundTrip<long>([long.MinValue, 9], [2], layout);
        RoundTrip<Half>([(Half)0.5f, (Half)(-3)], [2], layout);
        RoundTrip<float>(values, [2, 3, 4], layout);
        RoundTrip<double>([0.1, double.NaN], [2], layout);
        RoundTrip<float>([], [0, 3], layout);
        RoundTrip<float>([42], [], layout);
    }

    [Fact]
    public void Header_has_the_text_that_numpy_writes()
    {
        byte[] bytes = Bytes(NpyArray.From<float>([1, 2, 3], [3]));

        Assert.Equal(128 + 12, bytes.Length);
        Assert.Equal("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", Encoding.ASCII.GetString(bytes, 10, 118).TrimEnd(' ', '\n'));
        Assert.Equal((byte)'\n', bytes[127]);
    }

    [Fact]
    public void Numbers_are_converted_by_value()
    {
        NpyArray array = NpyArray.From<short>([-2, 300], [2]);

        Assert.Equal([-2f, 300f], array.ToFloats());
        Assert.Equal([-2.0, 300.0], array.ToDoubles());
        Assert.Equal([-2L, 300L], array.ToInt64s());
        Assert.Throws<DataFormatException>(() => NpyArray.From<float>([1], [1]).ToInt64s());
    }

    [Fact]
    public void First_number_that_is_not_finite_is_named_by_its_index()
    {
        var values = new float[24];
        values[17] = float.NaN;

        DataFormatException e = Assert.Throws<DataFormatException>(() => NpyArray.From<float>(values, [2, 3, 4], "x.npy").RequireFinite());

        Assert.Contains("x.npy: element [1, 1, 1] is NaN or infinite", e.Message, StringComparison.Ordinal);
        NpyArray.From<float>([1, 2], [2]).RequireFinite();
        Assert.Throws<DataFormatException>(() => NpyArray.From<Half>([Half.NegativeInfinity], [1]).RequireFinite());
        Assert.Throws<DataFormatException>(() => NpyArray.From<double>([1, double.PositiveInfinity], [2]).RequireFinite());
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, "Python objects")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4, "structured")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8, "element type '<c8'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 8, "truncated")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 8, "surplus")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4, "expected a size")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", 4, "overflows")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4), }", 0, "overflows")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 4, "expected a size")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", 4, "True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", 4, "needs the keys")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 4, "repeated")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } import os", 4, "text follows")]
    [InlineData("{'descr': '<f4", 4, "no end")]
    public void Invalid_header_is_refused_with_its_reason(string header, int dataBytes, string reason)
    {
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        byte[] bytes = [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. text, .. new byte[dataBytes]];

        DataFormatException e = Assert.Throws<DataFormatException>(() => NpyFile.Read(ByteSource.FromMemory(bytes, "x.npy")));

        Assert.StartsWith("x.npy: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_header_length_is_refused_before_memory_is_taken()
    {
        byte[] bytes = [0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF];

        Assert.Contains("4294967295", Assert.Throws<DataFormatException>(() => NpyFile.Read(ByteSource.FromMemory(bytes, "x"))).Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => NpyFile.Read(ByteSource.FromMemory(new byte[5], "x")));
        Assert.Throws<DataFormatException>(() => NpyFile.Read(ByteSource.FromMemory(bytes.AsMemory(0, 10), "x")));
    }

    [SharedFact("parity/neuracrypt/export_c_order.npy", "parity/neuracrypt/export_fortran_order.npy")]
    public void Both_orders_of_numpy_hold_the_first_image_of_their_archive()
    {
        AssertFirstImage("export_c_order.npy", "encoder_depth4.npz");
        AssertFirstImage("export_fortran_order.npy", "encoder_depth-1.npz");
    }

    private static void AssertFirstImage(string export, string archive)
    {
        NpyArray image = NpyFile.Read(SharedFiles.Locate("parity/neuracrypt/" + export));
        using NpzArchive npz = NpzArchive.Open(SharedFiles.Locate("parity/neuracrypt/" + archive));

        Assert.Equal([16L, 16L], image.Shape);
        Assert.Equal(npz.Read("z").ToFloats()[..256], image.ToFloats());
    }

    private static byte[] Bytes(NpyArray array, NpyLayout? layout = null)
    {
        using var stream = new MemoryStream();
        NpyFile.WriteTo(stream, array, layout);
        return stream.ToArray();
    }

    private void RoundTrip<T>(T[] values, long[] shape, NpyLayout layout)
        where T : unmanaged
    {
        string path = _folder.File("x.npy");
        NpyFile.Write(path, NpyArray.From<T>(values, shape), layout);

        NpyArray read = NpyFile.Read(path);

        Assert.Equal(shape, read.Shape);
        Assert.Equal(values, read.AsSpan<T>().ToArray());
    }
}
