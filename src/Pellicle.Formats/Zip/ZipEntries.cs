using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;

namespace Pellicle.Formats.Zip;

/// <summary>Reads the files of a ZIP archive in place, by many threads at once.</summary>
/// <remarks>The central directory is read and checked once (PKWARE APPNOTE 6.3, with Zip64): names, sizes, ratios and overlaps. After that each
/// read is one or two reads by offset, without a shared position and without a lock; the checksum of every entry is verified. Nothing is ever extracted to disk.</remarks>
public sealed class ZipEntries : IDisposable
{
    private const int LocalHeaderLength = 30;
    private const uint LocalSignature = 0x04034B50;
    private readonly ByteSource _source;
    private readonly Dictionary<string, ZipEntry> _byName;

    private ZipEntries(ByteSource source, IReadOnlyList<ZipEntry> entries)
    {
        _source = source;
        Entries = entries;
        _byName = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>Path of the archive, for messages.</summary>
    public string Name => _source.Name;

    /// <summary>All files in the order of the central directory; folders are left out.</summary>
    public IReadOnlyList<ZipEntry> Entries { get; }

    /// <summary>Opens an archive and checks its directory.</summary>
    /// <param name="path">Path of the archive.</param>
    /// <param name="limits">What it may claim; null for <see cref="ZipLimits.Default"/>.</param>
    /// <exception cref="DataFormatException">Missing, not a ZIP, damaged, or hostile; all bad entries are listed.</exception>
    public static ZipEntries Open(string path, ZipLimits? limits = null)
    {
        ByteSource source = ByteSource.Open(path);
        try
        {
            return Open(source, limits);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Checks the directory of an archive.</summary>
    /// <param name="source">The archive; owned by the result from now on.</param>
    /// <param name="limits">What it may claim; null for <see cref="ZipLimits.Default"/>.</param>
    /// <exception cref="DataFormatException">Not a ZIP, damaged, or hostile; all bad entries are listed.</exception>
    public static ZipEntries Open(ByteSource source, ZipLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ZipEntries(source, ZipDirectory.Read(source, limits ?? ZipLimits.Default));
    }

    /// <summary>True if the bytes begin as a ZIP archive does.</summary>
    /// <param name="start">At least the first four bytes of a file; fewer give false.</param>
    public static bool LooksLikeZip(ReadOnlySpan<byte> start) =>
        start.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(start) is LocalSignature or 0x06054B50;

    /// <summary>Finds an entry.</summary>
    /// <param name="name">Exact path within the archive.</param>
    /// <param name="entry">The entry, if there is one.</param>
    public bool TryFind(string name, [NotNullWhen(true)] out ZipEntry? entry) => _byName.TryGetValue(name, out entry);

    /// <summary>Finds an entry that must exist.</summary>
    /// <param name="name">Exact path within the archive.</param>
    /// <exception cref="DataFormatException">There is none of this name.</exception>
    public ZipEntry Find(string name) => TryFind(name, out ZipEntry? entry)
        ? entry
        : throw new DataFormatException($"{Name}: has no entry '{name}'.", "Check the name, upper and lower case included, with 'unzip -l'.");

    /// <summary>Reads and verifies the whole content of an entry. Thread-safe.</summary>
    /// <param name="entry">An entry of this archive.</param>
    /// <returns>The decompressed bytes, <see cref="ZipEntry.Length"/> of them.</returns>
    /// <exception cref="DataFormatException">Encrypted, an unsupported method, truncated, or the checksum is wrong; names archive and entry.</exception>
    public byte[] Read(ZipEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        long offset = LocateData(entry);
        byte[] content;
        if (entry.IsStored)
        {
            content = _source.ReadBytes(offset, entry.Length);
        }
        else
        {
            content = GC.AllocateUninitializedArray<byte>(checked((int)entry.Length));
            using Stream stream = OpenDeflate(entry, offset);
            Inflate(entry, stream, content);
        }

        uint crc = Crc32.Compute(content);
        if (crc != entry.Crc32)
        {
            throw new DataFormatException(
                $"{Where(entry)}: checksum {crc:x8} where the archive declares {entry.Crc32:x8}.",
                "The archive is damaged. Copy or download it again.");
        }

        return content;
    }

    /// <summary>Reads and verifies the whole content of the entry of a name. Thread-safe.</summary>
    /// <param name="name">Exact path within the archive.</param>
    /// <exception cref="DataFormatException">As for the other overload, or there is no such entry.</exception>
    public byte[] Read(string name) => Read(Find(name));

    /// <summary>Reads the first bytes of an entry, without verifying its checksum: for headers of large entries. Thread-safe.</summary>
    /// <param name="entry">An entry of this archive.</param>
    /// <param name="count">Most bytes wanted; a shorter entry gives all it has.</param>
    /// <exception cref="DataFormatException">Encrypted, an unsupported method, or truncated.</exception>
    public byte[] ReadStart(ZipEntry entry, int count)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int length = (int)Math.Min(count, entry.Length);
        long offset = LocateData(entry);
        if (entry.IsStored)
        {
            return _source.ReadBytes(offset, length);
        }

        var content = new byte[length];
        using Stream stream = OpenDeflate(entry, offset);
        FillFrom(entry, stream, content);
        return content;
    }

    /// <summary>The content of an entry as a source: a stored entry is read in place by offset (its checksum is then not verified), a compressed one is decompressed and verified now.</summary>
    /// <param name="entry">An entry of this archive.</param>
    /// <exception cref="DataFormatException">As for <see cref="Read(ZipEntry)"/>.</exception>
    public ByteSource OpenSource(ZipEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.IsStored
            ? _source.Slice(LocateData(entry), entry.Length, Where(entry))
            : ByteSource.FromMemory(Read(entry), Where(entry));
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private string Where(ZipEntry entry) => $"{Name}, entry '{entry.Name}'";

    /// <summary>Checks that the entry can be read and finds its first byte behind the local header, whose lengths may differ from those of the central directory.</summary>
    private long LocateData(ZipEntry entry)
    {
        if (entry.IsEncrypted)
        {
            throw new DataFormatException($"{Where(entry)}: is encrypted; only plain entries can be read.", "Unpack it with its password and pack it again without one.");
        }

        if (entry.Method is not (0 or 8))
        {
            throw new DataFormatException(
                $"{Where(entry)}: compression method {entry.Method} ({MethodName(entry.Method)}) is not supported; expected stored (0) or deflated (8).",
                "Pack the archive again, for example with 'zip -0'.");
        }

        Span<byte> header = stackalloc byte[LocalHeaderLength];
        _source.ReadExactly(entry.HeaderOffset, header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature)
        {
            throw new DataFormatException($"{Where(entry)}: no local header at byte {entry.HeaderOffset}.", "The archive is damaged. Copy or download it again.");
        }

        int method = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (method != entry.Method)
        {
            throw new DataFormatException(
                $"{Where(entry)}: local header at byte {entry.HeaderOffset} gives method {method}, the central directory {entry.Method}.",
                "The archive is damaged or made to deceive. Get it again from its source.");
        }

        long offset = entry.HeaderOffset + LocalHeaderLength + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        if (offset > _source.Length - entry.CompressedLength)
        {
            throw new DataFormatException(
                $"{Where(entry)}: truncated: {entry.CompressedLength} bytes expected at byte {offset}, but the archive ends at byte {_source.Length}.",
                "The archive is damaged or was not copied completely. Copy or download it again.");
        }

        return offset;
    }

    private DeflateStream OpenDeflate(ZipEntry entry, long offset) =>
        new(_source.Slice(offset, entry.CompressedLength, Where(entry)).OpenStream(), CompressionMode.Decompress);

    private void Inflate(ZipEntry entry, Stream stream, byte[] content)
    {
        FillFrom(entry, stream, content);
        bool hasMore;
        try
        {
            hasMore = stream.ReadByte() >= 0;
        }
        catch (InvalidDataException e)
        {
            throw Damaged(entry, e);
        }

        if (hasMore)
        {
            throw new DataFormatException(
                $"{Where(entry)}: decompresses to more than the {entry.Length} bytes that the archive declares.",
                "The archive is damaged or made to deceive. Get it again from its source.");
        }
    }

    private void FillFrom(ZipEntry entry, Stream stream, byte[] content)
    {
        try
        {
            stream.ReadExactly(content);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(entry, e);
        }
    }

    private DataFormatException Damaged(ZipEntry entry, Exception e) =>
        new($"{Where(entry)}: the compressed data are damaged or end too early.", "The archive is damaged. Copy or download it again.", inner: e);

    private static string MethodName(int method) => method switch
    {
        1 => "shrunk",
        6 => "imploded",
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        93 => "Zstandard",
        95 => "xz",
        99 => "AES encryption",
        _ => "unknown",
    };
}
