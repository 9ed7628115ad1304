using System.Runtime.InteropServices;

namespace Pellicle.Native;

/// <summary>Imports of <c>libpelimg.so</c>, one for one with <c>pelimg.h</c>. Functions return 0, or -1 with the text in <c>pelimg_error</c>.</summary>
internal static unsafe partial class ImageNative
{
    internal const int Abi = 2;
    internal const int Png = 1;
    internal const int Jpeg = 2;
    private const string LibraryName = "pelimg";

    [StructLayout(LayoutKind.Sequential)]
    internal struct Info
    {
        internal int Format;
        internal int Width;
        internal int Height;
        internal int Channels;
        internal int BitDepth;
        internal int HasAlpha;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ResizeJob
    {
        internal int Width;
        internal int Height;
        internal int Channels;
        internal int CropX;
        internal int CropY;
        internal int CropWidth;
        internal int CropHeight;
        internal int OutWidth;
        internal int OutHeight;
        internal int Planar;
    }

    [LibraryImport(LibraryName)]
    internal static partial int pelimg_abi();

    [LibraryImport(LibraryName)]
    internal static partial byte* pelimg_version();

    [LibraryImport(LibraryName)]
    internal static partial byte* pelimg_error();

    [LibraryImport(LibraryName)]
    internal static partial int pelimg_probe(byte* file, long length, Info* info);

    [LibraryImport(LibraryName)]
    internal static partial int pelimg_decode(byte* file, long length, Info* info, byte* destination, long capacity);

    [LibraryImport(LibraryName)]
    internal static partial int pelimg_encode_png(byte* samples, int width, int height, int channels, byte** file, long* length);

    [LibraryImport(LibraryName)]
    internal static partial int pelimg_decode_png16(byte* file, long length, Info* info, ushort* destination, long capacity);

    [LibraryImport(LibraryName)]
    internal static partial int pelimg_encode_png16(ushort* samples, int width, int height, int channels, byte** file, long* length);

    [LibraryImport(LibraryName)]
    internal static partial int pelimg_encode_jpeg(byte* samples, int width, int height, int channels, int quality, byte** file, long* length);

    [LibraryImport(LibraryName)]
    internal static partial void pelimg_free(byte* file);

    [LibraryImport(LibraryName)]
    internal static partial int pelimg_resize(byte* samples, ResizeJob* job, byte* destination);

    internal static string LastError() => Marshal.PtrToStringUTF8((nint)pelimg_error()) ?? "unknown native error";
}
