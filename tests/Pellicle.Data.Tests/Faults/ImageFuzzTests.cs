using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data.Images;
using Pellicle.Data.Tests.Images;
using Pellicle.Native;

namespace Pellicle.Data.Tests.Faults;

/// <summary>Damaged picture files: a picture or a <see cref="DataFormatException"/> comes out, in bounded time and memory.</summary>
public sealed class ImageFuzzTests
{
    private const int Rounds = 1500;

    public static TheoryData<string> Seeds => ["jpeg", "grey jpeg", "png", "16-bit png", "palette png", "interlace-like png"];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Damaged_files_give_a_picture_or_a_format_error(string kind)
    {
        byte[] good = Make(kind);
        var random = new SeededRandom(20).Derive(kind);
        var scratch = new PixelScratch();
        int refused = 0;
        for (int i = 0; i < Rounds; i++)
        {
            byte[] bad = Mutation.Of(good, random);
            try
            {
                RawImage image = scratch.Decode(bad, "fuzz", 1 << 22);
                Assert.InRange(image.Width * image.Height, 1, 1 << 22);
            }
            catch (DataFormatException e)
            {
                refused++;
                Assert.Contains("'fuzz'", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
            }
        }

        Assert.InRange(refused, Rounds / 10, Rounds);
    }

    [Fact]
    public void Random_bytes_are_no_picture()
    {
        var random = new SeededRandom(21);
        var scratch = new PixelScratch();
        foreach (byte[] head in new byte[][] { [], [0xFF, 0xD8, 0xFF], [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A] })
        {
            for (int i = 0; i < 300; i++)
            {
                byte[] tail = new byte[random.NextInt(200)];
                foreach (ref byte b in tail.AsSpan())
                {
                    b = (byte)random.NextUInt64();
                }

                Assert.Throws<DataFormatException>(() => scratch.Decode([.. head, .. tail], "fuzz", 1 << 22));
            }
        }
    }

    [Fact]
    public void A_compressed_text_chunk_is_not_unpacked()
    {
        byte[] bomb = new byte[64 << 20];
        using var packed = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(bomb);
        }

        byte[] file = RawPng.File(1, 1, 8, 0, [0, 77], ("zTXt", [(byte)'k', 0, 0, .. packed.ToArray()]));
        Assert.Equal(new byte[] { 77 }, ImageCodecTests.Decode(file));
    }

    [Fact]
    public void Surplus_pixel_data_does_not_overrun()
    {
        byte[] file = RawPng.File(4, 2, 8, 0, new byte[4 << 20]); // rows of a picture 400,000 times as large
        try
        {
            Assert.Equal(8, ImageCodecTests.Decode(file).Length);
        }
        catch (DataFormatException)
        {
            // libpng may also refuse it.
        }
    }

    [Fact]
    public void A_jpeg_of_huge_declared_size_is_refused_by_its_header()
    {
        byte[] file = RawJpeg.WithComponents(3, 65000, 65000);
        DataFormatException e = Assert.Throws<DataFormatException>(() => new PixelScratch().Decode(file, "fuzz", 1 << 26));
        Assert.Contains("65000 x 65000", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_do_not_mix_up_their_messages()
    {
        byte[] text = "no picture"u8.ToArray();
        byte[] cmyk = RawJpeg.WithComponents(4);
        Parallel.For(0, 2000, i =>
        {
            DataFormatException e = Assert.Throws<DataFormatException>(() => ImageCodec.Probe(i % 2 == 0 ? text : cmyk, $"file{i}"));
            Assert.Contains(i % 2 == 0 ? "neither" : "CMYK", e.Message, StringComparison.Ordinal);
        });
    }

    private static byte[] Make(string kind) => kind switch
    {
        "jpeg" => ImageCodec.EncodeJpeg(TestPictures.Noise(40, 30, 3, 1), 40, 30, 3),
        "grey jpeg" => ImageCodec.EncodeJpeg(TestPictures.Noise(40, 30, 1, 1), 40, 30, 1),
        "png" => ImageCodec.EncodePng(TestPictures.Noise(20, 10, 3, 1), 20, 10, 3),
        "16-bit png" => RawPng.File(5, 4, 16, 2, [.. Enumerable.Range(0, 4).SelectMany(_ => new byte[31])]),
        "palette png" => RawPng.File(9, 3, 4, 3, new byte[18], ("PLTE", new byte[48]), ("tRNS", [1, 2, 3])),
        _ => RawPng.File(8, 8, 8, 6, [.. Enumerable.Range(0, 8).SelectMany(y => new byte[] { (byte)(y % 5) }.Concat(new byte[32]))]),
    };
}
