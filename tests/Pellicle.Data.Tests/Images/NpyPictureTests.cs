using Pellicle.Core.Errors;
using Pellicle.Data.Images;
using Pellicle.Formats.Npy;

namespace Pellicle.Data.Tests.Images;

public sealed class NpyPictureTests
{
    [Fact]
    public void Eight_bits_stay_and_sixteen_bits_and_floats_become_floats()
    {
        Assert.Equal(new byte[] { 1, 2, 3, 4, 5, 6 }, Decode(File<byte>([1, 2, 3, 4, 5, 6], 1, 2, 3)).Bytes.ToArray());
        RawImage deep = Decode(File<ushort>([0, 65535, 13107], 1, 3));
        Assert.Equal((3, 1, 1, true), (deep.Width, deep.Height, deep.Channels, deep.IsFloat));
        Assert.Equal([0f, 1f, 0.2f], deep.Floats.ToArray());
        Assert.Equal([0f, 0.5f], Decode(File<double>([0, 0.5], 2, 1)).Floats.ToArray());
    }

    [Theory]
    [InlineData(float.NaN, "NaN or infinite")]
    [InlineData(float.PositiveInfinity, "NaN or infinite")]
    [InlineData(1.5f, "outside 0..1")]
    public void Values_that_are_no_pixels_are_named_with_their_place(float value, string expected)
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => Decode(File([0f, value], 1, 2)));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains("[0, 1]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Volumes_and_integers_without_scale_are_refused()
    {
        Assert.Contains("expected (H, W)", Assert.Throws<DataFormatException>(() => Decode(File<byte>(new byte[8], 2, 2, 2))).Message, StringComparison.Ordinal);
        Assert.Contains("I4", Assert.Throws<DataFormatException>(() => Decode(File<int>(new int[4], 2, 2))).Message, StringComparison.Ordinal);
        Assert.Contains("at most 3 pixels", Assert.Throws<DataFormatException>(() => new PixelScratch().Decode(File<byte>(new byte[4], 2, 2), "x", 3)).Message, StringComparison.Ordinal);
    }

    private static RawImage Decode(byte[] file) => new PixelScratch().Decode(file, "x", 100);

    private static byte[] File<T>(T[] values, params long[] shape)
        where T : unmanaged
    {
        using var stream = new MemoryStream();
        NpyFile.WriteTo(stream, NpyArray.From<T>(values, shape));
        return stream.ToArray();
    }
}
