using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Pellicle.Formats.Zip;

namespace Pellicle.Data.Tests.Images;

/// <summary>Writes PNG files chunk by chunk, also kinds and lies that the codec does not write.</summary>
internal static class RawPng
{
    // rows: filter byte and samples of each row.
    internal static byte[] File(int width, int height, byte bitDepth, byte colourType, byte[] rows, params (string Type, byte[] Data)[] beforeData)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = bitDepth;
        header[9] = colourType;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        return
        [
            0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A,
            .. Chunk("IHDR", header),
            .. beforeData.SelectMany(c => Chunk(c.Type, c.Data)),
            .. Chunk("IDAT", packed.ToArray()),
            .. Chunk("IEND", []),
        ];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        var chunk = new byte[body.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        body.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32.Compute(body));
        return chunk;
    }
}
