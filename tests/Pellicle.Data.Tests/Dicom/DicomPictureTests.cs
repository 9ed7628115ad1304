using Pellicle.Core.Errors;
using Pellicle.Data.Dicom;
using Pellicle.Data.Images;

namespace Pellicle.Data.Tests.Dicom;

public sealed class DicomPictureTests
{
    [Fact]
    public void Rescale_and_window_follow_the_formula_of_the_standard()
    {
        // PS3.3 C.11.2.1.2.1 with centre 40 and width 400 in Hounsfield units: y = (x − 39.5)/399 + 0.5.
        int[] stored = [0, 863, 864, 1064, 1263, 1264, 2000, 1024];
        byte[] file = RawDicom.Image(2, 4, 16, "MONOCHROME2", RawDicom.Words(stored), isSigned: true).Text(0x00281052, "DS", "-1024").Text(0x00281053, "DS", "1").ToArray();
        byte[] expected = [.. stored.Select(v => (byte)(255 * Math.Clamp((v - 1024 - 39.5) / 399 + 0.5, 0, 1) + 0.5))];
        Assert.Equal(expected, Decode(file, "40,400"));
        Assert.Equal((0, 255), (expected[0], expected[6]));
    }

    [Fact]
    public void The_file_names_the_window_unless_told_otherwise_and_full_is_the_range_of_the_values()
    {
        byte[] pixels = RawDicom.Words(0, 80, 200, 1000);
        byte[] file = RawDicom.Image(2, 2, 12, "MONOCHROME2", pixels).Text(0x00281050, "DS", "100\\5000").Text(0x00281051, "DS", "201\\10").ToArray();
        Assert.Equal(Decode(file, "100,201"), Decode(file, "auto"));
        Assert.Equal([0, 20, 51, 255], Decode(file, "full"));
        Assert.Equal([0, 20, 51, 255], Decode(RawDicom.Image(2, 2, 12, "MONOCHROME2", pixels).ToArray(), "auto"));
        Assert.Equal([0, 0, 0, 0], Decode(RawDicom.Image(2, 2, 12, "MONOCHROME2", RawDicom.Words(7, 7, 7, 7)).ToArray(), "auto"));
    }

    [Fact]
    public void Monochrome1_is_inverted()
    {
        byte[] pixels = [0, 50, 200, 255];
        Assert.Equal([255, 205, 55, 0], Decode(RawDicom.Image(2, 2, 8, "MONOCHROME1", pixels).ToArray()));
        Assert.Equal(pixels, Decode(RawDicom.Image(2, 2, 8, "MONOCHROME2", pixels).ToArray()));
    }

    [Fact]
    public void Signed_values_of_fewer_bits_keep_their_sign_and_foreign_bits_are_cut_off()
    {
        // 12 bits signed: 0xFFF is −1 and 0x800 is −2048; the upper four bits hold something else.
        Assert.Equal([0, 127, 255, 128], Decode(RawDicom.Image(2, 2, 12, "MONOCHROME2", RawDicom.Words(0xF800, 0x0FFF, 0x77FF, 0xA000), isSigned: true).ToArray()));
    }

    [Fact]
    public void A_modality_table_takes_the_place_of_rescaling()
    {
        byte[] item = [0xFE, 0xFF, 0x00, 0xE0, 30, 0, 0, 0, 0x28, 0, 0x02, 0x30, (byte)'U', (byte)'S', 6, 0, 4, 0, 0, 0, 16, 0, 0x28, 0, 0x06, 0x30, (byte)'U', (byte)'S', 8, 0, 0, 0, 44, 1, 100, 0, 200, 0];
        item[4] = (byte)(item.Length - 8);
        Assert.Equal([0, 255, 85, 170], Decode(RawDicom.Image(2, 2, 8, "MONOCHROME2", [0, 1, 2, 3]).Bytes(0x00283000, "SQ", item).ToArray()));
    }

    [Fact]
    public void A_voi_table_shows_the_values_unless_a_window_is_asked_for()
    {
        // Hounsfield units −2 … 1 by the intercept; the table begins at −1 (0xFFFF) and holds 10, 200, 255 of 8 bits.
        RawDicom Scan() => RawDicom.Image(1, 4, 12, "MONOCHROME2", RawDicom.Words(0, 1, 2, 3)).Text(0x00281052, "DS", "-2").Text(0x00281053, "DS", "1")
            .Bytes(0x00283010, "SQ", VoiItem(0xFFFF, 8, 10, 200, 255));
        Assert.Equal([10, 10, 200, 255], Decode(Scan().ToArray()));
        Assert.Equal([0, 85, 170, 255], Decode(Scan().ToArray(), "full"));
        Assert.Equal([10, 10, 200, 255], Decode(Scan().Text(0x00281050, "DS", "0").Text(0x00281051, "DS", "2").ToArray())); // the table says more than the window
        Assert.Equal(Decode(RawDicom.Image(1, 4, 12, "MONOCHROME2", RawDicom.Words(0, 1, 2, 3)).ToArray(), "2,4"), Decode(Scan().ToArray(), "0,4"));
    }

    [Fact]
    public void A_voi_table_of_more_bits_is_scaled_and_monochrome1_inverts_it()
    {
        byte[] item = VoiItem(5, 12, 0, 2048, 4095);
        Assert.Equal([0, 0, 128, 255], Decode(RawDicom.Image(1, 4, 8, "MONOCHROME2", [0, 5, 6, 9]).Bytes(0x00283010, "SQ", item).ToArray()));
        Assert.Equal([255, 255, 127, 0], Decode(RawDicom.Image(1, 4, 8, "MONOCHROME1", [0, 5, 6, 9]).Bytes(0x00283010, "SQ", item).ToArray()));
    }

    [Fact]
    public void A_voi_table_that_cannot_be_true_is_refused()
    {
        byte[] item = VoiItem(5, 20, 0, 1, 2);
        Assert.Contains("20 bits", Assert.Throws<DataFormatException>(() => Decode(RawDicom.Image(1, 4, 8, "MONOCHROME2", [0, 5, 6, 9]).Bytes(0x00283010, "SQ", item).ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Palettes_become_colours()
    {
        RawDicom file = RawDicom.Image(1, 4, 8, "PALETTE COLOR", [9, 10, 11, 200]);
        for (uint c = 0; c < 3; c++)
        {
            file.Bytes(0x00281101 + c, "US", RawDicom.Words(3, 10, 16)).Bytes(0x00281201 + c, "OW", RawDicom.Words((int)(c + 1) << 8, (int)(c + 4) << 8, (int)(c + 7) << 8));
        }

        Assert.Equal([1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9], Decode(file.ToArray()));
    }

    [Fact]
    public void Ybr_becomes_rgb_and_planes_are_interleaved()
    {
        Assert.Equal([255, 0, 0, 128, 128, 128], Decode(RawDicom.Image(1, 2, 8, "YBR_FULL", [76, 85, 255, 128, 128, 128], samples: 3).ToArray()).Select(v => (byte)(v == 254 ? 255 : v)));
        Assert.Equal([1, 3, 5, 2, 4, 6], Decode(RawDicom.Image(1, 2, 8, "RGB", [1, 2, 3, 4, 5, 6], samples: 3).Short(0x00280006, 1).ToArray()));
    }

    [Fact]
    public void The_first_of_several_frames_is_used()
    {
        byte[] file = RawDicom.Image(1, 2, 8, "MONOCHROME2", [0, 255, 90, 91, 70, 71], frames: 3).ToArray();
        Assert.Equal([0, 255], Decode(file));
        var findings = new DicomFindings();
        new PixelScratch { Findings = findings }.Decode(file, "x", 100);
        Assert.Equal(1, findings.MultiFrameFiles);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.4.91", "JPEG 2000")]
    [InlineData("1.2.840.10008.1.2.4.81", "JPEG-LS")]
    [InlineData("1.2.840.10008.1.2.4.100", "MPEG2")]
    [InlineData("1.2.3.4.5", "unknown")]
    public void Other_transfer_syntaxes_are_refused_by_name(string uid, string name)
    {
        var file = new RawDicom { TransferSyntax = uid }.Short(0x00280010, 1).Short(0x00280011, 1);
        DataFormatException e = Assert.Throws<DataFormatException>(() => Decode(file.ToArray()));
        Assert.Contains("is not supported", e.Message, StringComparison.Ordinal);
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60000, 60000, 8, "MONOCHROME2", "60000 x 60000 pixels")]
    [InlineData(2, 2, 8, "CMYK", "'CMYK'")]
    [InlineData(2, 3, 8, "MONOCHROME2", "holds 4 bytes; expected 6")]
    [InlineData(0, 2, 8, "MONOCHROME2", "no picture")]
    public void Headers_that_cannot_be_true_are_refused_before_decoding(int rows, int columns, int bits, string photometric, string expected)
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => Decode(RawDicom.Image(rows, columns, bits, photometric, new byte[4]).ToArray()));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains("'x'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hostile_number_of_frames_is_refused()
    {
        byte[] file = RawDicom.Image(100, 100, 8, "MONOCHROME2", new byte[10000]).Text(0x00280008, "IS", "99999").ToArray();
        Assert.Contains("99999 frames", Assert.Throws<DataFormatException>(() => new PixelScratch().Decode(file, "x", 1 << 20)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wide")]
    [InlineData("40")]
    [InlineData("40,0.5")]
    [InlineData("40,400,1")]
    [InlineData("NaN,2")]
    public void Windows_that_make_no_sense_are_usage_errors(string text) => Assert.Throws<UsageException>(() => DicomWindow.Parse(text));

    // An item of a VOI LUT sequence: descriptor (entries, first value, bits) and data.
    private static byte[] VoiItem(int first, int bits, params int[] entries)
    {
        byte[] data = RawDicom.Words(entries);
        byte[] descriptor = [0x28, 0, 0x02, 0x30, (byte)'U', (byte)'S', 6, 0, .. RawDicom.Words(entries.Length, first, bits)];
        byte[] table = [0x28, 0, 0x06, 0x30, (byte)'U', (byte)'S', (byte)data.Length, 0, .. data];
        return [0xFE, 0xFF, 0x00, 0xE0, (byte)(descriptor.Length + table.Length), 0, 0, 0, .. descriptor, .. table];
    }

    private static byte[] Decode(byte[] file, string window = "auto") => new PixelScratch().Decode(file, "x", 1 << 20, DicomWindow.Parse(window)).Bytes.ToArray();
}
