using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Pellicle.Core.Errors;

namespace Pellicle.Native;

/// <summary>Reads DICOM files through GDCM, which runs in processes of its own (<c>pellicle-dicom</c>). Thread-safe: one process a thread at a time.</summary>
/// <remarks>GDCM is compiled with assertions and has had memory errors on hostile files. A file that brings its process down is reported
/// as unreadable, and the next file gets a new process. The processes open no file and end with this one.</remarks>
public static class DicomDecoder
{
    /// <summary>True if a file is DICOM by its content: "DICM" at byte 128.</summary>
    /// <param name="file">The file, or its first 132 bytes.</param>
    public static bool LooksLikeDicom(ReadOnlySpan<byte> file) => file.Length >= 132 && file[128..].StartsWith("DICM"u8);

    /// <summary>Version of the library, such as "GDCM 3.0.21".</summary>
    /// <exception cref="EnvironmentException">It is not installed, or Pellicle was built without it.</exception>
    public static string Version => DicomWorkers.Version;

    /// <summary>Decodes a frame, or all frames.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">Name for error texts.</param>
    /// <param name="frame">0 for the first; −1 for all, one after the other.</param>
    /// <param name="maxPixels">Most pixels of a frame; the whole file may unpack to eight bytes for each. Checked before memory is taken.</param>
    /// <param name="wantTags">List the tags that are present.</param>
    /// <exception cref="DataFormatException">Damaged, cut off, too large, or of a kind that is not supported; names the file.</exception>
    /// <exception cref="EnvironmentException">GDCM is not installed.</exception>
    public static DicomFrame Read(ReadOnlySpan<byte> file, string name, int frame, long maxPixels, bool wantTags = false) =>
        DicomWorkers.Ask(new DicomQuestion('R', 5, maxPixels, frame, wantTags), file, name, blocks => Parse(blocks, frame < 0));

    private static DicomFrame Parse(byte[][] blocks, bool isWhole)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var tags = new List<string>();
        foreach (string line in Encoding.UTF8.GetString(blocks[0]).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int sign = line.IndexOf('=', StringComparison.Ordinal);
            if (sign == 3 && line.StartsWith("tag", StringComparison.Ordinal))
            {
                tags.Add(line[4..].TrimEnd());
            }
            else
            {
                values[line[..sign]] = line[(sign + 1)..].Trim();
            }
        }

        int Whole(string key) => int.Parse(values[key], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        double? Real(string key) => values.TryGetValue(key, out string? text) ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) : null;
        var result = new DicomFrame(
            Whole("columns"), Whole("rows"), Whole("samples"), Whole("frames"), Whole("bitsAllocated"), Whole("bitsStored"), Whole("highBit"), Whole("signed") == 1,
            values["photometric"], values["transferSyntax"], Real("slope") ?? 1, Real("intercept") ?? 0, Real("windowCentre"), Real("windowWidth"), blocks[1],
            blocks[2].Length > 0 ? new DicomTable(Whole("paletteFirst"), Whole("paletteBits"), Entries(blocks[2])) : null,
            blocks[3].Length > 0 ? new DicomTable(Whole("modalityFirst"), Whole("modalityBits"), Entries(blocks[3])) : null,
            blocks[4].Length > 0 ? new DicomTable(Whole("voiFirst"), Whole("voiBits"), Entries(blocks[4])) : null,
            tags);
        long expected = (long)result.Rows * result.Columns * result.Samples * (result.BitsAllocated / 8) * (isWhole ? result.Frames : 1);
        return result.Pixels.Length == expected ? result : throw new InvalidDataException($"{result.Pixels.Length} bytes of pixels instead of {expected}");
    }

    private static ushort[] Entries(byte[] block) => MemoryMarshal.Cast<byte, ushort>(block).ToArray();
}
