using System.Buffers.Binary;
using Pellicle.Core.Errors;
using Pellicle.Native;

namespace Pellicle.Data.Dicom;

/// <summary>From stored values to an 8-bit picture: modality (rescale or table) → VOI table or window → inversion of MONOCHROME1; palette and YBR to RGB.</summary>
/// <remarks>DICOM PS3.3: C.11.1 (modality), C.11.2.1.1 (VOI table), C.11.2.1.2.1 (window), C.7.6.3.1.2 (photometric interpretation), C.7.6.3.1.5 (palette).
/// Of several frames the first is used, and of several tables or windows the first. A file with a table and a window offers two views: the table is
/// taken, because it says more. Presentation states and overlays are not applied.</remarks>
internal static class DicomPicture
{
    /// <summary>Decodes a file's first frame.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Name for error texts.</param>
    /// <param name="maxPixels">Most pixels.</param>
    /// <param name="window">Which values become black and white.</param>
    /// <param name="findings">Receives the tags that are present; null if nobody wants them.</param>
    /// <exception cref="DataFormatException">It cannot be decoded.</exception>
    internal static RawImage Decode(ReadOnlySpan<byte> file, string name, long maxPixels, DicomWindow window, DicomFindings? findings)
    {
        DicomFrame frame = DicomDecoder.Read(file, name, frame: 0, maxPixels, findings is not null);
        findings?.Add(frame.Tags, frame.Frames);

        return frame.Photometric switch
        {
            "PALETTE COLOR" => new RawImage(frame.Columns, frame.Rows, 3, Palette(frame)),
            "RGB" or "YBR_RCT" => new RawImage(frame.Columns, frame.Rows, 3, frame.Pixels), // the decoder of JPEG 2000 has undone RCT
            "YBR_FULL" or "YBR_FULL_422" => new RawImage(frame.Columns, frame.Rows, 3, Colours(frame.Pixels)),
            _ => new RawImage(frame.Columns, frame.Rows, 1, Grey(frame, window)),
        };
    }

    /// <summary>Stored values as integers; bits outside the stored ones (old files keep overlays there) are cut off.</summary>
    internal static int[] StoredValues(DicomFrame frame)
    {
        int bytes = frame.BitsAllocated / 8;
        int shift = frame.HighBit + 1 - frame.BitsStored;
        int mask = (1 << frame.BitsStored) - 1;
        int sign = frame.IsSigned ? 1 << (frame.BitsStored - 1) : 0;
        var values = new int[frame.Pixels.Length / bytes];
        for (int i = 0; i < values.Length; i++)
        {
            int raw = bytes == 1 ? frame.Pixels[i] : BinaryPrimitives.ReadUInt16LittleEndian(frame.Pixels.AsSpan(2 * i));
            int value = (raw >> shift) & mask;
            values[i] = (value ^ sign) - sign;
        }

        return values;
    }

    private static byte[] Grey(DicomFrame frame, DicomWindow window)
    {
        int[] stored = StoredValues(frame);
        var values = new double[stored.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = frame.Modality is { } table ? Look(table, stored[i]) : frame.Slope * stored[i] + frame.Intercept;
        }

        Func<double, double> shownAs = frame.Voi is { } voi && window is { Centre: null, IsFull: false } ? TableView(voi) : WindowView(WindowOf(frame, window, values));
        bool isInverted = frame.Photometric == "MONOCHROME1";
        var picture = new byte[values.Length];
        for (int i = 0; i < picture.Length; i++)
        {
            double shown = shownAs(values[i]);
            byte level = (byte)(255 * shown + 0.5);
            picture[i] = isInverted ? (byte)(255 - level) : level;
        }

        return picture;
    }

    /// <summary>The linear function of a window, to 0 … 1.</summary>
    private static Func<double, double> WindowView((double Centre, double Width) window) => window.Width <= 1
        ? value => value > window.Centre - 0.5 ? 1 : 0
        : value => Math.Clamp((value - (window.Centre - 0.5)) / (window.Width - 1) + 0.5, 0, 1);

    /// <summary>A VOI table, to 0 … 1.</summary>
    private static Func<double, double> TableView(DicomTable table)
    {
        double most = (1 << table.Bits) - 1;
        return value => Math.Min(1, Look(table, (int)Math.Round(Math.Clamp(value, -1e9, 1e9))) / most);
    }

    private static (double Centre, double Width) WindowOf(DicomFrame frame, DicomWindow window, double[] values)
    {
        if (window.Centre is { } centre)
        {
            return (centre, window.Width!.Value);
        }

        if (!window.IsFull && frame.WindowCentre is { } own && frame.WindowWidth is { } width)
        {
            return (own, width);
        }

        // The window that maps the smallest value to 0 and the largest to 1. A picture of one value is black.
        (double least, double most) = (values.Min(), values.Max());
        return least == most ? (most + 1.5, 1) : ((least + most) / 2 + 0.5, most - least + 1);
    }

    private static byte[] Palette(DicomFrame frame)
    {
        DicomTable table = frame.Palette!;
        int entries = table.Entries.Length / 3;
        int[] stored = StoredValues(frame);
        var picture = new byte[3 * stored.Length];
        for (int i = 0; i < stored.Length; i++)
        {
            int entry = Math.Clamp(stored[i] - table.First, 0, entries - 1);
            for (int c = 0; c < 3; c++)
            {
                picture[3 * i + c] = (byte)Math.Min(255, table.Entries[c * entries + entry] >> (table.Bits - 8));
            }
        }

        return picture;
    }

    // ITU-R BT.601 with full range, as PS3.3 C.7.6.3.1.2 defines YBR_FULL.
    private static byte[] Colours(byte[] ybr)
    {
        var rgb = new byte[ybr.Length];
        for (int i = 0; i + 2 < ybr.Length; i += 3)
        {
            (double y, double cb, double cr) = (ybr[i], ybr[i + 1] - 128.0, ybr[i + 2] - 128.0);
            rgb[i] = Round(y + 1.402 * cr);
            rgb[i + 1] = Round(y - 0.344136 * cb - 0.714136 * cr);
            rgb[i + 2] = Round(y + 1.772 * cb);
        }

        return rgb;
    }

    private static double Look(DicomTable table, int stored) => table.Entries[Math.Clamp(stored - table.First, 0, table.Entries.Length - 1)];

    private static byte Round(double value) => (byte)Math.Clamp(value + 0.5, 0, 255);
}
