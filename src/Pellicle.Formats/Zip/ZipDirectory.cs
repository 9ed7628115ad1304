using System.Buffers.Binary;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;

namespace Pellicle.Formats.Zip;

/// <summary>Parses and checks the central directory of an archive (PKWARE APPNOTE 6.3, sections 4.3.12 to 4.3.16 and 4.5.3).</summary>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054B50;
    private const uint Zip64LocatorSignature = 0x07064B50;
    private const uint Zip64EndSignature = 0x06064B50;
    private const uint CentralSignature = 0x02014B50;
    private const int EndLength = 22;
    private const int CentralLength = 46;
    private const int LocalLength = 30;
    private const int ListedProblems = 20;

    // Deflate cannot expand a byte to more than this (zlib, "Maximum Compression Factor").
    private const long DeflateCeiling = 1032;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads all entries.</summary>
    /// <exception cref="DataFormatException">Not a ZIP, damaged, or beyond the limits.</exception>
    public static List<ZipEntry> Read(ByteSource source, ZipLimits limits)
    {
        (long offset, long length, long count) = FindDirectory(source);
        if (count > limits.MaxEntries)
        {
            throw new DataFormatException($"{source.Name}: declares {count} entries; at most {limits.MaxEntries} are read.", "Split the archive.");
        }

        // Each record takes at least its fixed part: this bounds memory by the size of the file.
        if (count > length / CentralLength)
        {
            throw Damaged(source, $"declares {count} entries in a directory of {length} bytes", offset);
        }

        byte[] directory = source.ReadBytes(offset, length);
        var entries = new List<ZipEntry>((int)count);
        var problems = new List<Problem>();
        var names = new HashSet<string>((int)count, StringComparer.Ordinal);
        long total = 0;
        int position = 0;
        for (long i = 0; i < count; i++)
        {
            (ZipEntry entry, int next) = ParseRecord(source, directory, position, offset);
            string? problem = ZipEntryName.Check(entry.Name) ?? CheckSizes(entry, offset, limits);
            if (problem is null && !names.Add(entry.Name))
            {
                problem = "the name occurs twice";
            }

            if (problem is not null)
            {
                problems.Add(new Problem($"{source.Name}, directory at byte {offset + position}", $"entry '{ZipEntryName.Printable(entry.Name)}': {problem}", string.Empty));
            }
            else if (!entry.Name.EndsWith('/'))
            {
                total += entry.Length; // no overflow: a million entries below 2^31 each
                entries.Add(entry);
            }

            position = next;
        }

        ThrowIfHostile(source, problems);
        if (total > limits.MaxTotalBytes)
        {
            throw new DataFormatException($"{source.Name}: its entries declare {total} bytes together; at most {limits.MaxTotalBytes} are read.", "Split the archive.");
        }

        CheckOverlaps(source, entries, offset);
        return entries;
    }

    private static (long Offset, long Length, long Count) FindDirectory(ByteSource source)
    {
        if (source.Length < EndLength)
        {
            throw NotZip(source);
        }

        int tailLength = (int)Math.Min(source.Length, EndLength + ushort.MaxValue);
        long tailStart = source.Length - tailLength;
        byte[] tail = source.ReadBytes(tailStart, tailLength);
        for (int i = tailLength - EndLength; i >= 0; i--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(i);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndSignature || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != end.Length - EndLength)
            {
                continue;
            }

            long endOffset = tailStart + i;
            int disk = BinaryPrimitives.ReadUInt16LittleEndian(end[4..]);
            long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            if (disk is not (0 or ushort.MaxValue))
            {
                throw new DataFormatException($"{source.Name}: is part {disk} of an archive in several files; expected one file.", "Join the parts, for example with 'zip -s 0'.");
            }

            long limit = endOffset;
            if (count == ushort.MaxValue || length == uint.MaxValue || offset == uint.MaxValue)
            {
                (offset, length, count, limit) = FindZip64(source, endOffset) ?? (offset, length, count, limit);
            }

            if (offset < 0 || length < 0 || count < 0 || offset > limit - length)
            {
                throw Damaged(source, $"places a directory of {length} bytes at byte {offset}, outside the {limit} bytes before its end record", endOffset);
            }

            return (offset, length, count);
        }

        throw NotZip(source);
    }

    private static (long Offset, long Length, long Count, long Limit)? FindZip64(ByteSource source, long endOffset)
    {
        if (endOffset < 20)
        {
            return null;
        }

        Span<byte> locator = stackalloc byte[20];
        source.ReadExactly(endOffset - 20, locator);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != Zip64LocatorSignature)
        {
            return null;
        }

        long position = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        Span<byte> end = stackalloc byte[56];
        if (position < 0 || position > endOffset - 20 - end.Length)
        {
            throw Damaged(source, $"its Zip64 locator points to byte {position}", endOffset - 20);
        }

        source.ReadExactly(position, end);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != Zip64EndSignature)
        {
            throw Damaged(source, "has no Zip64 end record where its locator points", position);
        }

        return (BinaryPrimitives.ReadInt64LittleEndian(end[48..]), BinaryPrimitives.ReadInt64LittleEndian(end[40..]), BinaryPrimitives.ReadInt64LittleEndian(end[32..]), position);
    }

    private static (ZipEntry Entry, int Next) ParseRecord(ByteSource source, byte[] directory, int position, long directoryOffset)
    {
        ReadOnlySpan<byte> record = directory.AsSpan(position);
        if (record.Length < CentralLength || BinaryPrimitives.ReadUInt32LittleEndian(record) != CentralSignature)
        {
            throw Damaged(source, "a directory record is missing or cut off", directoryOffset + position);
        }

        int flags = BinaryPrimitives.ReadUInt16LittleEndian(record[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        long compressed = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(record[24..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(record[28..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(record[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(record[32..]);
        long headerOffset = BinaryPrimitives.ReadUInt32LittleEndian(record[42..]);
        int recordLength = CentralLength + nameLength + extraLength + commentLength;
        if (recordLength > record.Length)
        {
            throw Damaged(source, "a directory record is cut off", directoryOffset + position);
        }

        if (length == uint.MaxValue || compressed == uint.MaxValue || headerOffset == uint.MaxValue)
        {
            ReadZip64Extra(record.Slice(CentralLength + nameLength, extraLength), ref length, ref compressed, ref headerOffset);
        }

        string name = DecodeName(record.Slice(CentralLength, nameLength));
        return (new ZipEntry(name, length, compressed, crc, method, (flags & 1) != 0, headerOffset), position + recordLength);
    }

    private static void ReadZip64Extra(ReadOnlySpan<byte> extra, ref long length, ref long compressed, ref long headerOffset)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4)
            {
                return;
            }

            if (id == 1)
            {
                ReadOnlySpan<byte> values = extra.Slice(4, size);
                TakeIfMasked(ref values, ref length);
                TakeIfMasked(ref values, ref compressed);
                TakeIfMasked(ref values, ref headerOffset);
                return;
            }

            extra = extra[(4 + size)..];
        }
    }

    private static void TakeIfMasked(ref ReadOnlySpan<byte> values, ref long field)
    {
        if (field == uint.MaxValue && values.Length >= 8)
        {
            field = BinaryPrimitives.ReadInt64LittleEndian(values);
            values = values[8..];
        }
    }

    /// <summary>UTF-8 whether or not the archive says so (many writers forget the flag), otherwise the bytes one by one.</summary>
    private static string DecodeName(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    private static string? CheckSizes(ZipEntry entry, long directoryOffset, ZipLimits limits)
    {
        if (entry.Length < 0 || entry.CompressedLength < 0 || entry.HeaderOffset < 0
            || entry.HeaderOffset > directoryOffset - LocalLength || entry.CompressedLength > directoryOffset - LocalLength - entry.HeaderOffset)
        {
            return $"its {entry.CompressedLength} bytes at byte {entry.HeaderOffset} do not lie before the directory at byte {directoryOffset}";
        }

        if (entry.Name.EndsWith('/') && entry.Length != 0)
        {
            return $"is a folder but declares {entry.Length} bytes of content";
        }

        if (entry.Length > Math.Min(limits.MaxEntryBytes, Array.MaxLength))
        {
            return $"declares {entry.Length} bytes; at most {Math.Min(limits.MaxEntryBytes, Array.MaxLength)} are read";
        }

        if (entry is { IsStored: true, IsEncrypted: false } && entry.Length != entry.CompressedLength)
        {
            return $"is stored, yet declares {entry.Length} bytes in {entry.CompressedLength}";
        }

        if (entry.Method == 8 && (entry.Length - 64) / DeflateCeiling > entry.CompressedLength)
        {
            return $"declares {entry.Length} bytes in {entry.CompressedLength} compressed ones, more than the method can hold";
        }

        return entry.Length > limits.RatioFreeBytes && entry.Length > entry.CompressedLength * limits.MaxRatio
            ? $"declares {entry.Length} bytes in {entry.CompressedLength} compressed ones; a ratio above {limits.MaxRatio} is refused (decompression bomb)"
            : null;
    }

    /// <summary>Entries that share bytes are how small archives claim to hold endless data (Fifield 2019, "A better zip bomb").</summary>
    private static void CheckOverlaps(ByteSource source, List<ZipEntry> entries, long directoryOffset)
    {
        ZipEntry[] byOffset = [.. entries];
        Array.Sort(byOffset, (a, b) => a.HeaderOffset.CompareTo(b.HeaderOffset));
        for (int i = 0; i < byOffset.Length; i++)
        {
            long end = byOffset[i].HeaderOffset + LocalLength + byOffset[i].CompressedLength;
            long next = i + 1 < byOffset.Length ? byOffset[i + 1].HeaderOffset : directoryOffset;
            if (end > next)
            {
                throw new DataFormatException(
                    $"{source.Name}: entry '{byOffset[i].Name}' at byte {byOffset[i].HeaderOffset} reaches to byte {end}, into what starts at byte {next}.",
                    "The archive is damaged or made to deceive. Get it again from its source.");
            }
        }
    }

    private static void ThrowIfHostile(ByteSource source, List<Problem> problems)
    {
        if (problems.Count > 0)
        {
            throw new DataFormatException(
                $"{source.Name}: {problems.Count} {(problems.Count == 1 ? "entry is" : "entries are")} not acceptable; first: {problems[0].Message}.",
                "The archive is damaged or made to deceive. Get it again from its source, or unpack and pack it yourself.",
                [.. problems.Take(ListedProblems)]);
        }
    }

    private static DataFormatException NotZip(ByteSource source) =>
        new($"{source.Name}: is not a ZIP archive, or its end is missing ({source.Length} bytes).", "Check the file; if it was downloaded, download it again.");

    private static DataFormatException Damaged(ByteSource source, string what, long position) =>
        new($"{source.Name}: {what} (byte {position}).", "The archive is damaged or was not copied completely. Copy or download it again.");
}
