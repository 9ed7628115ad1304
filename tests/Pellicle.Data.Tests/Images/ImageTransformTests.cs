namespace Pellicle.Data.Tests.Images;

public sealed class ImageTransformTests
{
    [Fact]
    public void Values_are_scaled_to_one_then_centred_and_divided()
    {
        var image = new RawImage(2, 1, 3, new byte[] { 0, 51, 255, 0, 51, 255 });
        var transform = new ImageTransform(1, 3, [0.5f, 0.1f, 0f], [0.5f, 0.2f, 2f]);
        var result = new float[3];
        transform.Apply(image, result);
        Assert.Equal(-1f, result[0], 6);
        Assert.Equal((51 / 255f - 0.1f) / 0.2f, result[1], 6);
        Assert.Equal(0.5f, result[2], 6);
    }

    [Fact]
    public void Colours_become_grey_by_the_public_luma_weights()
    {
        var image = new RawImage(1, 1, 3, new byte[] { 200, 100, 50 });
        var result = new float[1];
        new ImageTransform(1, 1, [0f], [1f]).Apply(image, result);
        Assert.Equal(Math.Round(0.299 * 200 + 0.587 * 100 + 0.114 * 50) / 255, result[0], 5);
    }

    [Fact]
    public void Grey_becomes_three_equal_channels()
    {
        var image = new RawImage(2, 2, 1, new byte[] { 1, 2, 3, 4 });
        var result = new float[12];
        new ImageTransform(2, 3, [0f, 0f, 0f], [1f, 1f, 1f]).Apply(image, result);
        Assert.Equal(result[..4], result[4..8]);
        Assert.Equal(result[..4], result[8..]);
        Assert.Equal(3 / 255f, result[2]);
    }

    [Fact]
    public void Output_is_planar()
    {
        var image = new RawImage(2, 1, 3, new byte[] { 10, 20, 30, 10, 20, 30 });
        var result = new float[12];
        new ImageTransform(2, 3, [0f, 0f, 0f], [1f, 1f, 1f]).Apply(image, result);
        Assert.All(result[..4], v => Assert.Equal(10 / 255f, v));
        Assert.All(result[8..], v => Assert.Equal(30 / 255f, v));
    }

    [Fact]
    public void Float_pictures_are_on_the_same_scale_as_bytes()
    {
        byte[] bytes = TestPictures.Noise(13, 9, 3, 6);
        var transform = ImageTransform.Centred(5, 1);
        float[] fromBytes = new float[25], fromFloats = new float[25];
        transform.Apply(new RawImage(13, 9, 3, bytes), fromBytes);
        transform.Apply(new RawImage(13, 9, 3, Array.ConvertAll(bytes, b => b / 255f)), fromFloats);
        for (int i = 0; i < 25; i++)
        {
            Assert.InRange(fromBytes[i] - fromFloats[i], -2.1 / 255, 2.1 / 255); // two roundings to 8 bits, doubled by the deviation 0.5
        }
    }

    [Fact]
    public void Mnist_uses_its_published_constants_only_for_grey_idx_files()
    {
        Assert.Equal(0.1307f, ImageTransform.For(SourceKind.Idx, 28, 1).Mean[0]);
        Assert.Equal(0.5f, ImageTransform.For(SourceKind.Pack, 28, 1).Mean[0]);
        Assert.Equal(3, ImageTransform.For(SourceKind.Idx, 28, 3).Mean.Length);
    }

    [Fact]
    public void Unusable_constants_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ImageTransform(8, 3, [0.5f], [0.5f, 0.5f, 0.5f]));
        Assert.Throws<ArgumentException>(() => new ImageTransform(8, 1, [0.5f], [0f]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageTransform(0, 1, [0.5f], [1f]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageTransform(8, 2, [0.5f, 0.5f], [1f, 1f]));
    }
}
