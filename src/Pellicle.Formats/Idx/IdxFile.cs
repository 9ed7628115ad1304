using System.Buffers.Binary;
using System.IO.Compression;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;

namespace Pellicle.Formats.Idx;

/// <summary>Reads IDX files, the format of MNIST: magic 2049 for labels, 2051 for images, sizes as big-endian 32-bit words, then bytes.</summary>
/// <remarks>LeCun, Cortes and Burges, "The MNIST database of handwritten digits". Files compressed with gzip, as they are published, are read as well.</remarks>
public static class IdxFile
{
    private const uint LabelsMagic = 2049;
    private const uint ImagesMagic = 2051;
    private const int Piece = 1 << 16;

    /// <summary>True if the bytes begin as an IDX file of labels or images does.</summary>
    /// <param name="start">At least the first four bytes of a file; fewer give false.</param>
    public static bool LooksLikeIdx(ReadOnlySpan<byte> start) =>
        start.Length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(start) is LabelsMagic or ImagesMagic;

    /// <summary>Reads a file, plain or compressed with gzip.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="DataFormatException">Missing, another magic number, truncated, or too long; names file and byte.</exception>
    public static IdxArray Read(string path)
    {
        using ByteSource source = ByteSource.Open(path);
        return Read(source);
    }

    /// <summary>Reads a source, plain or compressed with gzip.</summary>
    /// <param name="source">The file.</param>
    /// <exception cref="DataFormatException">Another magic number, truncated, or too long; names file and byte.</exception>
    public static IdxArray Read(ByteSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Span<byte> start = stackalloc byte[2];
        bool isGzip = source.Length >= 18 && ReadInto(source, start) is [0x1F, 0x8B];
        if (!isGzip)
        {
            using Stream plain = source.OpenStream();
            return Parse(source.Name, plain, source.Length);
        }

        using var unpacked = new GZipStream(source.OpenStream(), CompressionMode.Decompress);
        try
        {
            // Deflate expands a byte to at most 1032; the declared sizes are checked against that before memory is taken.
            return Parse(source.Name, unpacked, source.Length * 1032);
        }
        catch (InvalidDataException e)
        {
            throw new DataFormatException($"{source.Name}: the gzip data are damaged.", "Copy or download the file again.", inner: e);
        }
    }

    private static Span<byte> ReadInto(ByteSource source, Span<byte> buffer)
    {
        source.ReadExactly(0, buffer);
        return buffer;
    }

    private static IdxArray Parse(string name, Stream stream, long longest)
    {
        uint magic = ReadWord(name, stream, 0);
        int rank = magic switch
        {
            LabelsMagic => 1,
            ImagesMagic => 3,
            _ => throw Bad(name, $"magic number {magic} (byte 0); expected {ImagesMagic} for images or {LabelsMagic} for labels"),
        };
        var shape = new int[rank];
        long total = 1;
        for (int d = 0; d < rank; d++)
        {
            uint size = ReadWord(name, stream, 4 + 4 * d);
            if (size is 0 or > int.MaxValue)
            {
                throw Bad(name, $"size {size} (byte {4 + 4 * d}); expected 1 to {int.MaxValue}");
            }

            shape[d] = (int)size;
            total = total > Array.MaxLength ? total : total * size; // at most 2^62 here
        }

        int header = 4 + 4 * rank;
        if (total > longest - header || total > Array.MaxLength)
        {
            throw Bad(name, $"declares {string.Join(" x ", shape)} = {total} or more bytes (byte 4), more than the file can hold");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)total);
        int filled = 0;
        while (filled < bytes.Length)
        {
            int read = stream.Read(bytes, filled, Math.Min(Piece, bytes.Length - filled));
            if (read == 0)
            {
                throw Bad(name, $"truncated: {total} bytes expected from byte {header}, {filled} found");
            }

            filled += read;
        }

        return stream.ReadByte() < 0
            ? new IdxArray(name, shape, bytes)
            : throw Bad(name, $"has bytes beyond the {header + total} that its header declares");
    }

    private static uint ReadWord(string name, Stream stream, int position)
    {
        Span<byte> word = stackalloc byte[4];
        return stream.ReadAtLeast(word, word.Length, throwOnEndOfStream: false) == word.Length
            ? BinaryPrimitives.ReadUInt32BigEndian(word)
            : throw Bad(name, $"truncated: its header ends at byte {position}");
    }

    private static DataFormatException Bad(string name, string what) =>
        new($"{name}: {what}.", "Expected an IDX file of the MNIST kind. Copy or download it again.");
}
