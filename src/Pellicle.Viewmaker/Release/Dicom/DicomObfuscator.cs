using Pellicle.Core.Errors;
using Pellicle.Native;

namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>From a DICOM file to its obfuscated, uncompressed file with a cleaned header: all frames, bit depth, window and photometric interpretation as they were.</summary>
internal static class DicomObfuscator
{
    /// <summary>Obfuscates a file.</summary>
    /// <exception cref="DataFormatException">Damaged, or of a kind that cannot be kept.</exception>
    public static FileChange Obfuscate(byte[] file, string name, ImageObfuscator images, HeaderCleaner headers, long mostPixels)
    {
        DicomFrame frame = DicomDecoder.Read(file, name, frame: -1, mostPixels);
        DicomFile parsed = DicomFile.Read(file, name);
        string uid = parsed.Elements.FirstOrDefault(element => element.Tag == 0x00080018)?.Text is { Length: > 0 } own ? own : throw new DataFormatException($"'{name}' has no SOP Instance UID (0008,0018).", "Replace the file.");
        (byte[] pixels, double mean, double max) = frame.Samples == 1 ? Grey(frame, name, uid, images) : Colour(frame, name, uid, images);
        (List<DicomElement> elements, HeaderChange change) = headers.Clean(parsed.Elements);
        elements.RemoveAll(element => element.Tag is 0x00280004 or 0x00280006 or 0x7FE00010);
        elements.Add(DicomElement.Of(0x00280004, "CS", Photometric(frame)));
        if (frame.Samples == 3)
        {
            elements.Add(DicomElement.Of(0x00280006, "US", new byte[] { 0, 0 }));
        }

        elements.Add(DicomElement.Of(0x7FE00010, frame.BitsAllocated == 16 || parsed.IsImplicit ? "OW" : "OB", pixels.Length % 2 == 0 ? pixels : [.. pixels, 0]));
        return new FileChange(DicomFile.Write(elements, parsed.IsImplicit, name), mean, max, change);
    }

    private static (byte[] Pixels, double Mean, double Max) Grey(DicomFrame frame, string name, string uid, ImageObfuscator images)
    {
        if (frame.Photometric == "PALETTE COLOR")
        {
            throw new DataFormatException($"'{name}' has a palette: changed colours would not be in it.", "Convert it to RGB first.");
        }

        var stored = new StoredGrey(frame, images.ReplacesPictures);
        int[] before = stored.Values();
        int plane = frame.Rows * frame.Columns;
        var view = new float[plane];
        for (int f = 0; f < frame.Frames; f++)
        {
            stored.View(f * plane, view);
            float[] after = images.Obfuscate(view, 1, frame.Rows, frame.Columns, $"{uid}/{f}", bitDepth: 0);
            for (int i = 0; i < plane; i++)
            {
                after[i] -= view[i];
            }

            stored.Change(f * plane, after);
        }

        int[] written = stored.Values();
        (double mean, double max) = FileObfuscator.Changes(before.Length, i => (written[i] - before[i]) / stored.Span);
        return (stored.ToPixels(), mean, max);
    }

    private static (byte[] Pixels, double Mean, double Max) Colour(DicomFrame frame, string name, string uid, ImageObfuscator images)
    {
        if (frame.BitsAllocated != 8)
        {
            throw new DataFormatException($"'{name}' has colours of {frame.BitsAllocated} bits; expected 8.", "Convert it first.");
        }

        bool isYbr = frame.Photometric is "YBR_FULL" or "YBR_FULL_422";
        byte[] pixels = [.. frame.Pixels];
        int plane = frame.Rows * frame.Columns;
        for (int f = 0; f < frame.Frames; f++)
        {
            int first = 3 * f * plane;
            var planes = new float[3 * plane];
            for (int i = 0; i < plane; i++)
            {
                (double r, double g, double b) = Rgb(frame.Pixels[first + (3 * i)], frame.Pixels[first + (3 * i) + 1], frame.Pixels[first + (3 * i) + 2], isYbr);
                (planes[i], planes[plane + i], planes[(2 * plane) + i]) = ((float)(r / 255), (float)(g / 255), (float)(b / 255));
            }

            float[] after = images.Obfuscate(planes, 3, frame.Rows, frame.Columns, $"{uid}/{f}", isYbr ? 0 : 8);
            for (int i = 0; i < plane; i++)
            {
                (double x, double y, double z) = Stored(255 * after[i], 255 * after[plane + i], 255 * after[(2 * plane) + i], isYbr);
                (pixels[first + (3 * i)], pixels[first + (3 * i) + 1], pixels[first + (3 * i) + 2]) = (Byte(x), Byte(y), Byte(z));
            }
        }

        (double mean, double max) = FileObfuscator.Changes(pixels.Length, i => (pixels[i] - frame.Pixels[i]) / 255.0);
        return (pixels, mean, max);
    }

    // Subsampled colour is unpacked by the decoder, and reversible components of JPEG 2000 are undone by it.
    private static string Photometric(DicomFrame frame) => frame.Photometric switch
    {
        "YBR_FULL_422" => "YBR_FULL",
        "YBR_RCT" => "RGB",
        string other => other,
    };

    // ITU-R BT.601 with full range (PS3.3 C.7.6.3.1.2).
    private static (double R, double G, double B) Rgb(double x, double y, double z, bool isYbr) => !isYbr ? (x, y, z) :
        (Math.Clamp(x + (1.402 * (z - 128)), 0, 255), Math.Clamp(x - (0.344136 * (y - 128)) - (0.714136 * (z - 128)), 0, 255), Math.Clamp(x + (1.772 * (y - 128)), 0, 255));

    private static (double X, double Y, double Z) Stored(double r, double g, double b, bool isYbr) => !isYbr ? (r, g, b) :
        ((0.299 * r) + (0.587 * g) + (0.114 * b), 128 - (0.168736 * r) - (0.331264 * g) + (0.5 * b), 128 + (0.5 * r) - (0.418688 * g) - (0.081312 * b));

    private static byte Byte(double value) => (byte)Math.Clamp(value + 0.5, 0, 255);
}
