using Pellicle.Data.Images;
using Pellicle.Native;

namespace Pellicle.Data.Tests.Images;

public sealed class ResizeTests
{
    [Theory]
    [InlineData(200, 150, 3, 64, 64)]
    [InlineData(31, 47, 1, 64, 64)]
    [InlineData(5, 3, 3, 9, 11)]
    [InlineData(1, 1, 1, 4, 4)]
    [InlineData(640, 480, 3, 1, 1)]
    [InlineData(28, 28, 1, 28, 28)]
    public void Native_resize_agrees_with_the_definition(int width, int height, int channels, int outWidth, int outHeight)
    {
        byte[] samples = TestPictures.Noise(width, height, channels, 3);
        var window = ImageWindow.Whole(width, height);
        var planar = new byte[outWidth * outHeight * channels];
        ImageCodec.Resize(samples, width, height, channels, window, planar, outWidth, outHeight, planar: true);
        float[] expected = ReferenceResize.Resize(Array.ConvertAll(samples, s => (float)s), width, channels, window, outWidth, outHeight);

        // Float sums of up to a thousand terms of size 255: off by at most 0.02 before the rounding to 8 bits, so by at most 0.52 after it.
        for (int i = 0; i < planar.Length; i++)
        {
            Assert.InRange(planar[i] - expected[i], -0.52, 0.52);
        }
    }

    [Fact]
    public void Same_size_changes_nothing()
    {
        byte[] samples = TestPictures.Noise(17, 13, 3, 4);
        var result = new byte[samples.Length];
        ImageCodec.Resize(samples, 17, 13, 3, ImageWindow.Whole(17, 13), result, 17, 13, planar: false);
        Assert.Equal(samples, result);
    }

    [Fact]
    public void Constant_picture_stays_constant_at_every_size()
    {
        byte[] samples = [.. Enumerable.Repeat((byte)201, 37 * 23)];
        foreach (int side in new[] { 1, 5, 22, 37, 100 })
        {
            var result = new byte[side * side];
            ImageCodec.Resize(samples, 37, 23, 1, ImageWindow.Whole(37, 23), result, side, side, planar: true);
            Assert.All(result, r => Assert.Equal(201, r));
        }
    }

    [Fact]
    public void Halving_uses_the_triangle_filter_weights_of_the_definition()
    {
        // Scale 2, output 1 of 4 lies at 3.0 of 8: pixels 1..4 at distances 1.5, .5, .5, 1.5 of support 2: weights 1, 3, 3, 1 of 8.
        byte[] samples = [0, 80, 0, 0, 80, 0, 0, 0];
        var result = new byte[4];
        ImageCodec.Resize(samples, 8, 1, 1, ImageWindow.Whole(8, 1), result, 4, 1, planar: true);
        Assert.Equal((80 * 1 + 80 * 1) / 8, result[1]);
    }

    [Fact]
    public void Centre_crop_uses_only_the_window()
    {
        byte[] samples = TestPictures.Noise(9, 4, 1, 5);
        var cropped = new byte[16];
        ImageCodec.Resize(samples, 9, 4, 1, ImageWindow.CentredSquare(9, 4), cropped, 4, 4, planar: true);
        byte[] expected = [.. Enumerable.Range(0, 4).SelectMany(y => samples.Skip(y * 9 + 2).Take(4))];
        Assert.Equal(expected, cropped);
    }

    [Fact]
    public void Window_outside_the_picture_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageCodec.Resize(new byte[100], 10, 10, 1, new ImageWindow(5, 5, 6, 6), new byte[4], 2, 2, planar: true));
    }
}
