using Pellicle.Core.Errors;
using Pellicle.Data.Images;
using Pellicle.Native;

namespace Pellicle.Data.Sources;

/// <summary>Reads picture files from a folder.</summary>
internal static class DiskImages
{
    /// <param name="path">Path on disk.</param>
    /// <param name="name">Name for error texts.</param>
    /// <param name="options">Limits.</param>
    /// <param name="scratch">Buffers of the calling thread.</param>
    internal static RawImage Read(string path, string name, DatasetOptions options, PixelScratch scratch)
    {
        Span<byte> file = ReadInto(path, name, options, scratch.File);
        return scratch.Decode(file, name, options.MaxPixels, options.Window);
    }

    /// <summary>All bytes of a file, within the limits.</summary>
    internal static byte[] ReadFile(string path, string name, DatasetOptions options)
    {
        byte[] file = [];
        ReadInto(path, name, options, length => file = new byte[length]);
        return file;
    }

    private delegate Span<byte> Room(int length);

    private static Span<byte> ReadInto(string path, string name, DatasetOptions options, Room room)
    {
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(path);
            long length = RandomAccess.GetLength(handle);
            if (length > options.MaxFileBytes)
            {
                throw new DataFormatException($"'{name}' has {length} bytes; expected at most {options.MaxFileBytes}", "Take the file out of the data set or scale the picture down.");
            }

            Span<byte> file = room((int)length);
            int read = 0;
            while (read < file.Length)
            {
                int n = RandomAccess.Read(handle, file[read..], read);
                if (n == 0)
                {
                    throw new DataFormatException($"'{name}' became shorter while it was read: {read} of {length} bytes", "Start again when nothing writes to the data.");
                }

                read += n;
            }

            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DataFormatException($"'{name}' cannot be read: {Reason(e)}", "Check the path and the permissions of the file.", inner: e);
        }
    }

    /// <summary>True if a readable file is DICOM by its first bytes.</summary>
    internal static bool LooksLikeDicom(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> start = stackalloc byte[132];
        return DicomDecoder.LooksLikeDicom(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }

    private static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "access is denied, or it is a folder",
        _ => e.Message.Split('\n')[0],
    };
}
