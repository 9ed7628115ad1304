using System.Security.Cryptography;
using System.Runtime.InteropServices;
using Pellicle.Core.Errors;
using Pellicle.Native;
using Pellicle.Viewmaker.Release.Dicom;

namespace Pellicle.Viewmaker.Release;

/// <summary>From a picture file to its obfuscated file: PNG and JPEG become PNG of the same bit depth (or JPEG if asked for), without any text chunk or EXIF; DICOM becomes uncompressed DICOM.</summary>
/// <param name="images">Obfuscates values.</param>
/// <param name="headers">Cleans DICOM headers.</param>
/// <param name="jpegQuality">1 to 100 to write JPEG, which is lossy and is what then must be evaluated; null for PNG.</param>
internal sealed class FileObfuscator(ImageObfuscator images, HeaderCleaner headers, int? jpegQuality)
{
    private const long MostPixels = 64L << 20;

    /// <summary>Extension of the file that comes out.</summary>
    /// <param name="path">The file that goes in.</param>
    public string ExtensionFor(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".dcm" or "" => Path.GetExtension(path),
        _ => jpegQuality is null ? ".png" : ".jpg",
    };

    /// <summary>Obfuscates a file.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="name">Name for error texts.</param>
    /// <exception cref="DataFormatException">Damaged, too large, or of a kind that cannot be kept.</exception>
    public FileChange Obfuscate(byte[] file, string name)
    {
        if (DicomDecoder.LooksLikeDicom(file))
        {
            return DicomObfuscator.Obfuscate(file, name, images, headers, MostPixels);
        }

        ImageHeader header = ImageCodec.Probe(file, name);
        if (header.Pixels > MostPixels)
        {
            throw new DataFormatException($"'{name}' has {header.Width} x {header.Height} pixels; expected at most {MostPixels}.", "Scale it down.");
        }

        return header.BitDepth == 16 && jpegQuality is null ? Wide(file, name, header) : Narrow(file, name, header);
    }

    private FileChange Narrow(byte[] file, string name, ImageHeader header)
    {
        byte[] samples = new byte[header.DecodedBytes];
        ImageCodec.Decode(file, name, header, samples);
        float[] before = Planes(samples.Length, header, i => samples[i] / 255f);
        float[] after = images.Obfuscate(before, header.Channels, header.Height, header.Width, NameOf(samples, header), 8);
        byte[] written = new byte[samples.Length];
        Interleave(after, header, (i, value) => written[i] = (byte)((value * 255f) + 0.5f));
        (double mean, double max) = Changes(samples.Length, i => (written[i] - samples[i]) / 255.0);
        byte[] content = jpegQuality is { } quality
            ? ImageCodec.EncodeJpeg(written, header.Width, header.Height, header.Channels, quality)
            : ImageCodec.EncodePng(written, header.Width, header.Height, header.Channels);
        return new FileChange(content, mean, max);
    }

    private FileChange Wide(byte[] file, string name, ImageHeader header)
    {
        ushort[] samples = ImageCodec.DecodePng16(file, name, header);
        float[] before = Planes(samples.Length, header, i => samples[i] / 65535f);
        float[] after = images.Obfuscate(before, header.Channels, header.Height, header.Width, NameOf(MemoryMarshal.AsBytes(samples.AsSpan()), header), 16);
        var written = new ushort[samples.Length];
        Interleave(after, header, (i, value) => written[i] = (ushort)((value * 65535.0) + 0.5));
        (double mean, double max) = Changes(samples.Length, i => (written[i] - samples[i]) / 65535.0);
        return new FileChange(ImageCodec.EncodePng16(written, header.Width, header.Height, header.Channels), mean, max);
    }

    /// <summary>Mean and largest absolute change.</summary>
    internal static (double Mean, double Max) Changes(int count, Func<int, double> change)
    {
        double sum = 0, max = 0;
        for (int i = 0; i < count; i++)
        {
            double size = Math.Abs(change(i));
            sum += size;
            max = Math.Max(max, size);
        }

        return (sum / count, max);
    }

    // Equal pixels get equal noise under one key, whatever the file is called or how it was packed.
    private static string NameOf(ReadOnlySpan<byte> samples, ImageHeader header) => $"pixels/{header.Width}x{header.Height}x{header.Channels}/{Convert.ToHexStringLower(SHA256.HashData(samples))}";

    private static float[] Planes(int count, ImageHeader header, Func<int, float> sample)
    {
        var planes = new float[count];
        int plane = header.Width * header.Height;
        for (int i = 0; i < count; i++)
        {
            planes[(i % header.Channels * plane) + (i / header.Channels)] = sample(i);
        }

        return planes;
    }

    private static void Interleave(float[] planes, ImageHeader header, Action<int, float> write)
    {
        int plane = header.Width * header.Height;
        for (int i = 0; i < planes.Length; i++)
        {
            write(i, planes[(i % header.Channels * plane) + (i / header.Channels)]);
        }
    }
}
