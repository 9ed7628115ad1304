namespace Pellicle.Formats.Zip;

/// <summary>One file of an archive, as its central directory describes it.</summary>
/// <param name="Name">Path within the archive: relative, with forward slashes, checked for escapes.</param>
/// <param name="Length">Bytes after decompression, as declared; a read that yields another number fails.</param>
/// <param name="CompressedLength">Bytes in the archive.</param>
/// <param name="Crc32">Declared checksum of the content; every read verifies it.</param>
/// <param name="Method">Compression method of APPNOTE 4.4.5: 0 stored, 8 deflated.</param>
/// <param name="IsEncrypted">True if the content is encrypted; such entries cannot be read.</param>
/// <param name="HeaderOffset">Byte offset of the local header.</param>
public sealed record ZipEntry(string Name, long Length, long CompressedLength, uint Crc32, int Method, bool IsEncrypted, long HeaderOffset)
{
    /// <summary>True if the content lies uncompressed in the archive.</summary>
    public bool IsStored => Method == 0;
}
