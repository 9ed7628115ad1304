using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data.Images;
using Pellicle.Data.Tests.Dicom;
using Pellicle.Formats.Zip;
using Pellicle.Native;

namespace Pellicle.Data.Tests.Faults;

/// <summary>Damaged DICOM files: a picture or a <see cref="DataFormatException"/> comes out, whatever happens to the process that runs GDCM.</summary>
public sealed class DicomFuzzTests
{
    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Damaged_files_give_a_picture_or_a_format_error()
    {
        byte[] good = RawDicom.Image(8, 6, 12, "MONOCHROME2", new byte[96]).Text(0x00281050, "DS", "100").Text(0x00281051, "DS", "201").ToArray();
        Fuzz(good, "small", rounds: 400);
    }

    [SharedFact("data/dicom-samples.zip")]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Damaged_files_of_every_coding_give_a_picture_or_a_format_error()
    {
        using var zip = ZipEntries.Open(SharedFiles.Locate("data/dicom-samples.zip"));
        foreach (string name in new[] { "MR_small_RLE", "MR_small_bigendian", "MR_small_implicit", "SC_rgb_jpeg_dcmtk", "SC_rgb_rle_2frame", "JPGExtended", "image_dfl", "CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80", "WG04_J2KR_US1_J2KR", "pydicom_JPEG-LL" })
        {
            Fuzz(zip.Read($"dicom/{name}.dcm"), name, rounds: 25);
        }
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        byte[] good = RawDicom.Image(4, 4, 8, "MONOCHROME2", new byte[16]).ToArray();
        for (int length = 0; length < good.Length; length += 7)
        {
            Assert.Throws<DataFormatException>(() => new PixelScratch().Decode(good.AsSpan(0, length), "cut", 1 << 20));
        }
    }

    [Fact]
    public void Many_threads_get_their_own_answers()
    {
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            byte[] file = RawDicom.Image(1, 2, 8, "MONOCHROME2", [(byte)i, 200]).ToArray();
            Assert.Equal(i, DicomDecoder.Read(file, "x", 0, 100).Pixels[0]);
        });
    }

    private static void Fuzz(byte[] good, string kind, int rounds)
    {
        var random = new SeededRandom(22).Derive(kind);
        int refused = 0;
        for (int i = 0; i < rounds; i++)
        {
            byte[] bad = Mutation.Of(good, random);
            try
            {
                RawImage image = new PixelScratch().Decode(bad, "fuzz", 1 << 20);
                Assert.InRange((long)image.Width * image.Height, 1, 1 << 20);
            }
            catch (DataFormatException e)
            {
                refused++;
                Assert.Contains("'fuzz'", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
            }
        }

        Assert.InRange(refused, 1, rounds);
    }
}
