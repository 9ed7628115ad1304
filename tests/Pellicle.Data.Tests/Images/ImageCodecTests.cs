using Pellicle.Core.Errors;
using Pellicle.Native;

namespace Pellicle.Data.Tests.Images;

public sealed class ImageCodecTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 5, 3)]
    [InlineData(200, 150, 3)]
    [InlineData(33, 64, 1)]
    public void Png_round_trip_keeps_every_sample(int width, int height, int channels)
    {
        byte[] samples = TestPictures.Noise(width, height, channels, 1);
        byte[] file = ImageCodec.EncodePng(samples, width, height, channels);
        Assert.Equal(new ImageHeader(ImageFormat.Png, width, height, channels, 8, false), ImageCodec.Probe(file, "x.png"));
        Assert.Equal(samples, Decode(file));
    }

    [Theory]
    [InlineData(64, 48, 1)]
    [InlineData(65, 49, 3)]
    public void Jpeg_round_trip_keeps_smooth_pictures_within_a_few_steps(int width, int height, int channels)
    {
        byte[] samples = TestPictures.Ramp(width, height, channels);
        byte[] file = ImageCodec.EncodeJpeg(samples, width, height, channels, 98);
        Assert.Equal(new ImageHeader(ImageFormat.Jpeg, width, height, channels, 8, false), ImageCodec.Probe(file, "x.jpg"));
        double error = Decode(file).Zip(samples, (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(error, 0, 2.5);
    }

    [Fact]
    public void Sixteen_bit_png_is_scaled_to_eight_bits_with_rounding()
    {
        ushort[] values = [0, 128, 129, 256, 257, 30000, 65406, 65407, 65535];
        byte[] rows = [0, .. values.SelectMany(v => new[] { (byte)(v >> 8), (byte)v })];
        byte[] file = RawPng.File(width: values.Length, height: 1, bitDepth: 16, colourType: 0, rows);
        Assert.Equal(16, ImageCodec.Probe(file, "x").BitDepth);
        Assert.Equal(values.Select(v => (byte)Math.Round(v * 255 / 65535.0)), Decode(file));
    }

    [Fact]
    public void One_bit_png_becomes_black_and_white()
    {
        byte[] file = RawPng.File(width: 8, height: 1, bitDepth: 1, colourType: 0, [0, 0b10110001]);
        Assert.Equal(new byte[] { 255, 0, 255, 255, 0, 0, 0, 255 }, Decode(file));
    }

    [Fact]
    public void Palette_png_becomes_rgb()
    {
        byte[] file = RawPng.File(width: 2, height: 1, bitDepth: 8, colourType: 3, [0, 1, 0], ("PLTE", [10, 20, 30, 200, 100, 50]));
        Assert.Equal(new byte[] { 200, 100, 50, 10, 20, 30 }, Decode(file));
    }

    [Fact]
    public void Transparency_is_composited_over_black()
    {
        byte[] file = RawPng.File(width: 3, height: 1, bitDepth: 8, colourType: 6, [0, 200, 100, 50, 255, 200, 100, 50, 0, 200, 100, 50, 51]);
        Assert.True(ImageCodec.Probe(file, "x").HasAlpha);
        Assert.Equal(new byte[] { 200, 100, 50, 0, 0, 0, 40, 20, 10 }, Decode(file));
    }

    [Fact]
    public void Grey_with_transparency_is_composited_over_black()
    {
        byte[] file = RawPng.File(width: 2, height: 1, bitDepth: 8, colourType: 4, [0, 200, 255, 200, 0]);
        Assert.Equal(new byte[] { 200, 0 }, Decode(file));
    }

    [Fact]
    public void Cmyk_jpeg_is_refused_by_name()
    {
        byte[] file = RawJpeg.WithComponents(4);
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageCodec.Probe(file, "scan.jpg"));
        Assert.Contains("scan.jpg", e.Message, StringComparison.Ordinal);
        Assert.Contains("CMYK", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.95)]
    public void Truncated_jpeg_is_an_error_not_a_grey_picture(double kept)
    {
        byte[] file = ImageCodec.EncodeJpeg(TestPictures.Noise(64, 64, 3, 2), 64, 64, 3);
        byte[] cut = file[..(int)(file.Length * kept)];
        DataFormatException e = Assert.Throws<DataFormatException>(() => Decode(cut));
        Assert.Contains("x", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_png_is_an_error()
    {
        byte[] file = ImageCodec.EncodePng(TestPictures.Noise(64, 64, 3, 2), 64, 64, 3);
        Assert.Throws<DataFormatException>(() => Decode(file[..(file.Length / 2)]));
        Assert.Throws<DataFormatException>(() => Decode(file[..^12])); // IEND is missing
    }

    [Fact]
    public void Text_named_jpg_is_refused_as_no_picture()
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageCodec.Probe("label,file\n1,a.jpg\n"u8, "notes.jpg"));
        Assert.Contains("neither PNG nor JPEG", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_file_is_refused()
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageCodec.Probe([], "empty.png"));
        Assert.Contains("empty", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_names_both_libraries()
    {
        Assert.Contains("libjpeg-turbo", ImageCodec.Version, StringComparison.Ordinal);
        Assert.Contains("libpng", ImageCodec.Version, StringComparison.Ordinal);
    }

    internal static byte[] Decode(byte[] file)
    {
        ImageHeader header = ImageCodec.Probe(file, "x");
        var samples = new byte[header.DecodedBytes];
        ImageCodec.Decode(file, "x", header, samples);
        return samples;
    }
}
