using Pellicle.Core.Errors;
using Pellicle.Data.Dicom;
using Pellicle.Formats.Npy;
using Pellicle.Native;

namespace Pellicle.Data.Images;

/// <summary>Two growing buffers of one thread, for the file and for its pixels, so that decoding a picture allocates nothing large.</summary>
internal sealed class PixelScratch
{
    private byte[] _file = [];
    private byte[] _pixels = [];

    /// <summary>Receives what is found in DICOM files; null if nobody wants it.</summary>
    internal DicomFindings? Findings { get; init; }

    /// <summary>Room for a file.</summary>
    internal Span<byte> File(int length)
    {
        if (_file.Length < length)
        {
            _file = GC.AllocateUninitializedArray<byte>(Math.Max(length, Math.Min(2 * _file.Length, 16 << 20)));
        }

        return _file.AsSpan(0, length);
    }

    /// <summary>Decodes; the picture is valid until the next call.</summary>
    /// <exception cref="DataFormatException">Damaged, of an unsupported kind, or larger than the limit.</exception>
    internal RawImage Decode(ReadOnlySpan<byte> file, string name, long maxPixels, DicomWindow? window = null)
    {
        if (DicomDecoder.LooksLikeDicom(file))
        {
            return DicomPicture.Decode(file, name, maxPixels, window ?? DicomWindow.Auto, Findings);
        }

        if (NpyFile.LooksLikeNpy(file))
        {
            return NpyPicture.Decode(file, name, maxPixels);
        }

        ImageHeader header = ImageCodec.Probe(file, name);
        if (header.Pixels > maxPixels || header.DecodedBytes > Array.MaxLength)
        {
            throw new DataFormatException(
                $"'{name}' declares {header.Width} x {header.Height} = {header.Pixels} pixels; expected at most {maxPixels}",
                "Take the file out of the data set, scale it down, or raise the limit on pixels.");
        }

        int bytes = (int)header.DecodedBytes;
        if (_pixels.Length < bytes)
        {
            _pixels = GC.AllocateUninitializedArray<byte>(bytes);
        }

        ImageCodec.Decode(file, name, header, _pixels.AsSpan(0, bytes));
        return new RawImage(header.Width, header.Height, header.Channels, _pixels.AsMemory(0, bytes));
    }
}
