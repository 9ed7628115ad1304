using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Data.Inspection;
using Pellicle.Data.Sources;
using Pellicle.Formats.Zip;
using Pellicle.Native;

namespace Pellicle.Data.Tests.Dicom;

/// <summary>Real files of ten transfer syntaxes, against what pydicom and GDCM decoded (the pack's own table).</summary>
public sealed class DicomSampleTests
{
    private const string Pack = "data/dicom-samples.zip";

    [SharedFact(Pack)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Every_sample_decodes_to_the_listed_pixels_and_the_damaged_one_is_refused()
    {
        using var zip = ZipEntries.Open(SharedFiles.Locate(Pack));
        CsvTable table = CsvTable.Parse(zip.Read("labels.csv"), "labels.csv");
        var faults = new List<string>();
        int lossless = 0;
        foreach (string[] row in table.Rows)
        {
            string Field(string name) => row[table.IndexOf(name)];
            string file = Field("file");
            if (Field("px_error").Length > 0)
            {
                DataFormatException e = Assert.Throws<DataFormatException>(() => DicomDecoder.Read(zip.Read(file), file, -1, 64 << 20));
                Assert.Contains("cut off", e.Message, StringComparison.Ordinal);
                Assert.Contains(file, e.Message, StringComparison.Ordinal);
                continue;
            }

            DicomFrame frame = DicomDecoder.Read(zip.Read(file), file, -1, 64 << 20);
            int[] shape = [.. new[] { frame.Frames, frame.Rows, frame.Columns, frame.Samples }.Where((n, i) => n > 1 || i is 1 or 2)];
            double[] values = frame.BitsAllocated == 8 ? [.. frame.Pixels.Select(b => (double)b)]
                : frame.IsSigned ? [.. MemoryMarshal.Cast<byte, short>(frame.Pixels).ToArray().Select(v => (double)v)]
                : [.. MemoryMarshal.Cast<byte, ushort>(frame.Pixels).ToArray().Select(v => (double)v)];
            string type = frame.BitsAllocated == 8 ? "uint8" : frame.IsSigned ? "int16" : "uint16";
            Check(string.Join('x', shape) == Field("px_shape"), "shape");
            Check(type == Field("px_dtype").Replace(">i2", "int16", StringComparison.Ordinal), "type");
            Check(values.Min() == Number("px_min") && values.Max() == Number("px_max"), "range");
            Check(Math.Abs(values.Average() - Number("px_mean")) < 5.1e-5, "mean"); // four digits in the table
            if (Field("px_sha256").Length > 0)
            {
                lossless++;
                Check(Convert.ToHexStringLower(SHA256.HashData(frame.Pixels)) == Field("px_sha256"), "hash");
            }

            double Number(string name) => double.Parse(Field(name), CultureInfo.InvariantCulture);
            void Check(bool isRight, string what) => faults.AddRange(isRight ? [] : [$"{file}: {what}"]);
        }

        Assert.Equal([], faults);
        Assert.Equal((25, 22), (table.Rows.Count, lossless));
    }

    [SharedFact(Pack)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Inspection_lists_tags_and_says_which_are_dropped_but_shows_no_value()
    {
        DatasetInspection seen = DatasetInspector.Inspect("dicom:" + SharedFiles.Locate(Pack), new DatasetOptions { LabelColumn = "modality" });
        Assert.Equal((SourceKind.Dicom, 25), (seen.Kind, seen.Images));
        Assert.Equal(["CR", "CT", "MR", "NM", "OT", "US", "XA"], seen.Classes);
        Assert.Equal("dicom/MR_truncated.dcm", Assert.Single(seen.Unreadable).File);
        Assert.Contains(seen.DicomTags, t => t.StartsWith("0010,0010 Patient", StringComparison.Ordinal) && t.EndsWith("files, dropped", StringComparison.Ordinal));
        Assert.Contains("7FE0,0010 Pixel Data: in 24 files, used to decode the pixels, then dropped", seen.DicomTags);
        Assert.DoesNotContain(seen.DicomTags, t => t.Contains('^', StringComparison.Ordinal)); // as in names of persons
        Assert.Contains(seen.Warnings, w => w.Contains("1 DICOM files have several frames", StringComparison.Ordinal));
    }
}
