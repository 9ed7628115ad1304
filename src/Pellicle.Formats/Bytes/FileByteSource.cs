using Microsoft.Win32.SafeHandles;
using Pellicle.Core.Errors;

namespace Pellicle.Formats.Bytes;

/// <summary>A file, read by offset through one handle.</summary>
internal sealed class FileByteSource : ByteSource
{
    private readonly SafeFileHandle _handle;

    public FileByteSource(string path)
        : this(path, OpenHandle(path))
    {
    }

    private FileByteSource(string path, SafeFileHandle handle)
        : base(path, RandomAccess.GetLength(handle))
    {
        _handle = handle;
    }

    protected internal override void ReadCore(long offset, Span<byte> destination)
    {
        try
        {
            while (destination.Length > 0)
            {
                int read = RandomAccess.Read(_handle, destination, offset);
                if (read == 0)
                {
                    ThrowTruncated(offset, destination.Length);
                }

                offset += read;
                destination = destination[read..];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"{Name}: cannot be read at byte {offset}: {e.Message}", "Check the disk and copy the file again.", inner: e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _handle.Dispose();
        base.Dispose(disposing);
    }

    private static SafeFileHandle OpenHandle(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new DataFormatException($"'{path}' is a folder; a file was expected.", "Give the path of the file itself.");
        }

        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataFormatException($"'{path}' does not exist.", "Check the path; relative paths start at the current folder.", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DataFormatException($"'{path}' cannot be opened: {e.Message}", "Check that it is a file and that you may read it.", inner: e);
        }
    }
}
