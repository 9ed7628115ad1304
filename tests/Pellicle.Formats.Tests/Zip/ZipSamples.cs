using System.Buffers.Binary;
using System.IO.Compression;
using Pellicle.Formats.Bytes;

namespace Pellicle.Formats.Tests.Zip;

/// <summary>Makes archives for tests, well-formed by the run-time library and then bent by hand.</summary>
internal static class ZipSamples
{
    public static byte[] Make(bool isStored, params (string Name, byte[] Content)[] files)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                ZipArchiveEntry entry = zip.CreateEntry(name, isStored ? CompressionLevel.NoCompression : CompressionLevel.Optimal);
                using Stream stream = entry.Open();
                stream.Write(content);
            }
        }

        return buffer.ToArray();
    }

    public static ByteSource Source(byte[] bytes) => ByteSource.FromMemory(bytes, "pack.zip");

    /// <summary>Byte offset of the n-th central directory record.</summary>
    public static int Central(byte[] zip, int n = 0)
    {
        int at = BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(End(zip) + 16));
        for (; n > 0; n--)
        {
            at += 46 + zip[at + 28] + 256 * zip[at + 29] + zip[at + 30] + 256 * zip[at + 31] + zip[at + 32];
        }

        return at;
    }

    /// <summary>Byte offset of the end record; the samples have no archive comment.</summary>
    public static int End(byte[] zip) => zip.Length - 22;

    public static byte[] With16(this byte[] zip, int offset, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(offset), (ushort)value);
        return zip;
    }

    public static byte[] With32(this byte[] zip, int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(offset), value);
        return zip;
    }
}
