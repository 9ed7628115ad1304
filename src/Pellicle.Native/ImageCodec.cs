using System.Runtime.InteropServices;
using Pellicle.Core.Errors;

namespace Pellicle.Native;

/// <summary>Decodes, encodes and resizes pictures through <c>libpelimg.so</c> (libjpeg-turbo and libpng). Thread-safe; holds no state.</summary>
/// <remarks>Samples are 8 bits, interleaved by pixel, rows from the top without padding. 16-bit PNG is scaled to 8 bits with rounding
/// (v · 255 / 65535). Transparency is composited over black, so that colours hidden under transparent pixels do not come out. Colour
/// profiles, gamma, text chunks and the rotation that a camera notes beside the picture (EXIF) are ignored. Damaged or truncated data is an error, never a partly grey picture.</remarks>
public static unsafe class ImageCodec
{
    private static readonly Lazy<string> LibraryVersion = new(CheckLibrary);

    /// <summary>Versions of the libraries beneath, such as "libjpeg-turbo 2.1.5, libpng 1.6.39".</summary>
    /// <exception cref="EnvironmentException">The native library is missing or was built from other sources.</exception>
    public static string Version => LibraryVersion.Value;

    /// <summary>Reads the header only.</summary>
    /// <param name="file">The whole file, or enough of it to hold the header.</param>
    /// <param name="name">Name for error texts.</param>
    /// <exception cref="DataFormatException">Neither PNG nor JPEG, damaged, or of an unsupported kind such as CMYK.</exception>
    public static ImageHeader Probe(ReadOnlySpan<byte> file, string name)
    {
        _ = Version;
        ImageNative.Info info;
        fixed (byte* p = &Reference(file))
        {
            if (ImageNative.pelimg_probe(p, file.Length, &info) != 0)
            {
                throw Unreadable(name);
            }
        }

        return new ImageHeader((ImageFormat)info.Format, info.Width, info.Height, info.Channels, info.BitDepth, info.HasAlpha != 0);
    }

    /// <summary>Decodes a picture.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">Name for error texts.</param>
    /// <param name="header">What <see cref="Probe"/> said of the same bytes; check its size before allocating.</param>
    /// <param name="destination">Exactly <see cref="ImageHeader.DecodedBytes"/> bytes, [height, width, channels]; of no use after an error.</param>
    /// <exception cref="DataFormatException">The data is damaged or truncated.</exception>
    public static void Decode(ReadOnlySpan<byte> file, string name, in ImageHeader header, Span<byte> destination)
    {
        if (destination.Length != header.DecodedBytes)
        {
            throw new ArgumentException($"holds {destination.Length} bytes; expected {header.DecodedBytes}", nameof(destination));
        }

        _ = Version;
        var info = new ImageNative.Info { Format = (int)header.Format, Width = header.Width, Height = header.Height, Channels = header.Channels };
        fixed (byte* p = &Reference(file))
        fixed (byte* d = &Reference(destination))
        {
            if (ImageNative.pelimg_decode(p, file.Length, &info, d, destination.Length) != 0)
            {
                throw Unreadable(name);
            }
        }
    }

    /// <summary>Encodes as PNG, without loss.</summary>
    /// <param name="samples">[height, width, channels], 8 bits.</param>
    /// <param name="width">Columns, 1 to 65,500.</param>
    /// <param name="height">Rows, 1 to 65,500.</param>
    /// <param name="channels">1 (grey) or 3 (RGB).</param>
    /// <returns>The file.</returns>
    public static byte[] EncodePng(ReadOnlySpan<byte> samples, int width, int height, int channels)
    {
        CheckPicture(samples.Length, width, height, channels);
        byte* file;
        long length;
        fixed (byte* p = &Reference(samples))
        {
            CheckEncoded(ImageNative.pelimg_encode_png(p, width, height, channels, &file, &length));
        }

        return Take(file, length);
    }

    /// <summary>Decodes a PNG with all of its 16 bits; pictures of fewer bits are widened.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">Name for error texts.</param>
    /// <param name="header">What <see cref="Probe"/> said of the same bytes; a PNG.</param>
    /// <returns>[height, width, channels].</returns>
    /// <exception cref="DataFormatException">The data is damaged or truncated.</exception>
    public static ushort[] DecodePng16(ReadOnlySpan<byte> file, string name, in ImageHeader header)
    {
        if (header.Format != ImageFormat.Png)
        {
            throw new ArgumentException("Only PNG has samples of 16 bits.", nameof(header));
        }

        var samples = new ushort[checked((int)header.DecodedBytes)];
        var info = new ImageNative.Info { Format = (int)header.Format, Width = header.Width, Height = header.Height, Channels = header.Channels };
        fixed (byte* p = &Reference(file))
        fixed (ushort* d = samples)
        {
            return ImageNative.pelimg_decode_png16(p, file.Length, &info, d, samples.Length) == 0 ? samples : throw Unreadable(name);
        }
    }

    /// <summary>Encodes as PNG of 16 bits, without loss.</summary>
    /// <param name="samples">[height, width, channels].</param>
    /// <param name="width">Columns, 1 to 65,500.</param>
    /// <param name="height">Rows, 1 to 65,500.</param>
    /// <param name="channels">1 (grey) or 3 (RGB).</param>
    /// <returns>The file.</returns>
    public static byte[] EncodePng16(ReadOnlySpan<ushort> samples, int width, int height, int channels)
    {
        CheckPicture(samples.Length, width, height, channels);
        byte* file;
        long length;
        fixed (ushort* p = samples)
        {
            CheckEncoded(ImageNative.pelimg_encode_png16(p, width, height, channels, &file, &length));
        }

        return Take(file, length);
    }

    /// <summary>Encodes as baseline JPEG.</summary>
    /// <param name="samples">[height, width, channels], 8 bits.</param>
    /// <param name="width">Columns, 1 to 65,500.</param>
    /// <param name="height">Rows, 1 to 65,500.</param>
    /// <param name="channels">1 (grey) or 3 (RGB).</param>
    /// <param name="quality">1 to 100, on libjpeg's scale.</param>
    /// <returns>The file.</returns>
    public static byte[] EncodeJpeg(ReadOnlySpan<byte> samples, int width, int height, int channels, int quality = 90)
    {
        CheckPicture(samples.Length, width, height, channels);
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        byte* file;
        long length;
        fixed (byte* p = &Reference(samples))
        {
            CheckEncoded(ImageNative.pelimg_encode_jpeg(p, width, height, channels, quality, &file, &length));
        }

        return Take(file, length);
    }

    /// <summary>Resizes a window of a picture with the triangle filter, widened by the reduction factor (antialiased bilinear).</summary>
    /// <remarks>Pixel centres lie at half-integers. Weights are normalised at the borders. Sums are rounded to 8 bits once.</remarks>
    /// <param name="samples">[height, width, channels], 8 bits.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="height">Rows of the source.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="window">Part of the source to use; lies inside it.</param>
    /// <param name="destination">[channels, outHeight, outWidth] if <paramref name="planar"/>, otherwise [outHeight, outWidth, channels].</param>
    /// <param name="outWidth">Columns of the result, at least 1.</param>
    /// <param name="outHeight">Rows of the result, at least 1.</param>
    /// <param name="planar">Order of the result.</param>
    public static void Resize(ReadOnlySpan<byte> samples, int width, int height, int channels, in ImageWindow window, Span<byte> destination, int outWidth, int outHeight, bool planar)
    {
        CheckPicture(samples.Length, width, height, channels);
        if (destination.Length != (long)outWidth * outHeight * channels)
        {
            throw new ArgumentException($"holds {destination.Length} bytes; expected {(long)outWidth * outHeight * channels}", nameof(destination));
        }

        _ = Version;
        var job = new ImageNative.ResizeJob
        {
            Width = width,
            Height = height,
            Channels = channels,
            CropX = window.X,
            CropY = window.Y,
            CropWidth = window.Width,
            CropHeight = window.Height,
            OutWidth = outWidth,
            OutHeight = outHeight,
            Planar = planar ? 1 : 0,
        };
        fixed (byte* p = &Reference(samples))
        fixed (byte* d = &Reference(destination))
        {
            if (ImageNative.pelimg_resize(p, &job, d) != 0)
            {
                throw new ArgumentOutOfRangeException(nameof(window), window, ImageNative.LastError());
            }
        }
    }

    private static ref readonly byte Reference(ReadOnlySpan<byte> span) => ref MemoryMarshal.GetReference(span.IsEmpty ? "\0"u8 : span);

    private static void CheckPicture(int bytes, int width, int height, int channels)
    {
        if (width is < 1 or > 65500 || height is < 1 or > 65500 || channels is not (1 or 3) || bytes != (long)width * height * channels)
        {
            throw new ArgumentException($"{bytes} samples do not make a picture of {width} x {height} with {channels} channels (1 or 3)");
        }

        _ = Version;
    }

    private static void CheckEncoded(int status)
    {
        if (status != 0)
        {
            throw new EnvironmentException($"the picture could not be encoded: {ImageNative.LastError()}", "Check that there is enough memory.");
        }
    }

    private static byte[] Take(byte* file, long length)
    {
        try
        {
            return new ReadOnlySpan<byte>(file, checked((int)length)).ToArray();
        }
        finally
        {
            ImageNative.pelimg_free(file);
        }
    }

    private static DataFormatException Unreadable(string name) =>
        new($"'{name}' cannot be decoded: {ImageNative.LastError()}", "Expected an undamaged PNG or JPEG picture (grey or RGB); replace the file or take it out of the data set.");

    private static string CheckLibrary()
    {
        try
        {
            int abi = ImageNative.pelimg_abi();
            if (abi != ImageNative.Abi)
            {
                throw new EnvironmentException($"libpelimg.so has interface {abi}; expected {ImageNative.Abi}", "Build again (./build.sh), so that the native library and the program come from the same sources.");
            }

            return Marshal.PtrToStringUTF8((nint)ImageNative.pelimg_version())!;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new EnvironmentException($"the image library libpelimg.so cannot be loaded: {LoadFailure(e.Message)}", "apt-get install libjpeg62-turbo libpng16-16, and keep libpelimg.so beside the program.", inner: e);
        }
    }

    // The loader's text has a line for every place it tried; a dependency that is missing is the one of another library's name.
    private static string LoadFailure(string message) =>
        Array.Find(message.Split('\n'), line => line.Contains("cannot open shared object file", StringComparison.Ordinal) && !line.Contains("pelimg", StringComparison.Ordinal))?.Trim()
        ?? "it is not beside the program, or damaged";
}
