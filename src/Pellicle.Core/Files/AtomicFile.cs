using System.Text;
using Pellicle.Core.Errors;

namespace Pellicle.Core.Files;

/// <summary>Writes a file under a temporary name, flushes it to the disk, then renames it: a killed process leaves the old file or the new one, never half of one.</summary>
public static class AtomicFile
{
    private static int s_files;

    /// <summary>Writes text as UTF-8 without a byte-order mark.</summary>
    /// <param name="path">Final path; its folder is created.</param>
    /// <param name="text">The whole content.</param>
    /// <exception cref="EnvironmentException">The folder is read-only, the disk is full, or the path is not usable.</exception>
    public static void WriteAllText(string path, string text) => Write(path, stream => stream.Write(new UTF8Encoding(false).GetBytes(text)));

    /// <summary>Writes bytes.</summary>
    /// <param name="path">Final path; its folder is created.</param>
    /// <param name="bytes">The whole content.</param>
    /// <exception cref="EnvironmentException">The folder is read-only, the disk is full, or the path is not usable.</exception>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream => stream.Write(bytes.Span));

    /// <summary>Writes through a stream.</summary>
    /// <param name="path">Final path; its folder is created.</param>
    /// <param name="write">Writes the whole content; an exception leaves the former file untouched.</param>
    /// <param name="mode">Permissions from the first byte on; null for the system's default.</param>
    /// <exception cref="EnvironmentException">The folder is read-only, the disk is full, or the path is not usable.</exception>
    public static void Write(string path, Action<Stream> write, UnixFileMode? mode = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        string temporary = $"{full}.tmp-{Environment.ProcessId}-{Interlocked.Increment(ref s_files)}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var stream = new FileStream(temporary, Options(mode)))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"cannot write '{path}': {e.Message}", "Check that the folder exists, is writable and has free space, or give another --out.", inner: e);
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    private static FileStreamOptions Options(UnixFileMode? mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 16 };
        if (mode is not null && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        return options;
    }
}
