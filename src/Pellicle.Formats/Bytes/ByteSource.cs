using Pellicle.Core.Errors;

namespace Pellicle.Formats.Bytes;

/// <summary>Read-only bytes that are read by offset: a file, a part of a file, or memory. Every read is independent, so one source serves many threads at once.</summary>
/// <remarks>All readers of this project stand on this type. It has no position, therefore nothing to share between threads.</remarks>
public abstract class ByteSource : IDisposable
{
    /// <summary>Makes a source.</summary>
    /// <param name="name">Path or archive entry, used in messages.</param>
    /// <param name="length">Length in bytes, &gt;= 0.</param>
    protected ByteSource(string name, long length)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Name = name;
        Length = length;
    }

    /// <summary>Path or archive entry, used in messages.</summary>
    public string Name { get; }

    /// <summary>Length in bytes.</summary>
    public long Length { get; }

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">Path of an existing file.</param>
    /// <exception cref="DataFormatException">The file is missing, a folder, or not readable.</exception>
    public static ByteSource Open(string path) => new FileByteSource(path);

    /// <summary>Wraps bytes in memory.</summary>
    /// <param name="bytes">The content; must not change while the source is in use.</param>
    /// <param name="name">Name for messages.</param>
    public static ByteSource FromMemory(ReadOnlyMemory<byte> bytes, string name) => new MemoryByteSource(bytes, name);

    /// <summary>Reads exactly as many bytes as the destination holds.</summary>
    /// <param name="offset">First byte, &gt;= 0.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="DataFormatException">The source ends before; names the source and the offset.</exception>
    public void ReadExactly(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
        {
            ThrowTruncated(offset, destination.Length);
        }

        ReadCore(offset, destination);
    }

    /// <summary>Reads bytes into a new array.</summary>
    /// <param name="offset">First byte, &gt;= 0.</param>
    /// <param name="count">Number of bytes; checked against <see cref="Length"/> before anything is allocated.</param>
    /// <exception cref="DataFormatException">The source ends before, or more than one array can hold is asked for.</exception>
    public byte[] ReadBytes(long offset, long count)
    {
        if (count < 0 || offset < 0 || offset > Length - count)
        {
            ThrowTruncated(offset, count);
        }

        if (count > Array.MaxLength)
        {
            throw new DataFormatException(
                $"{Name}: {count} bytes at byte {offset} are more than one array can hold ({Array.MaxLength}).",
                "Split the file into smaller parts.");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)count);
        ReadCore(offset, bytes);
        return bytes;
    }

    /// <summary>A part of this source as a source of its own; disposing it leaves this one open.</summary>
    /// <param name="offset">First byte, &gt;= 0.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="name">Name for messages.</param>
    /// <exception cref="DataFormatException">The part does not lie within the source.</exception>
    public ByteSource Slice(long offset, long length, string name)
    {
        if (length < 0 || offset < 0 || offset > Length - length)
        {
            ThrowTruncated(offset, length);
        }

        return new SliceByteSource(this, offset, length, name);
    }

    /// <summary>A forward and seekable stream over all bytes, with a position of its own; disposing it leaves this source open.</summary>
    public Stream OpenStream() => new ByteSourceStream(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads bytes that are known to lie within the source.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Filled completely.</param>
    protected internal abstract void ReadCore(long offset, Span<byte> destination);

    /// <summary>Releases what the source holds.</summary>
    /// <param name="disposing">Always true: sources have no finalizers.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Throws for a read that does not lie within the source.</summary>
    /// <param name="offset">First byte asked for.</param>
    /// <param name="count">Number of bytes asked for.</param>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    protected void ThrowTruncated(long offset, long count) =>
        throw new DataFormatException(
            $"{Name}: truncated: {count} bytes expected at byte {offset}, but it ends at byte {Length}.",
            "The file is damaged or was not copied completely. Copy or download it again.");
}
