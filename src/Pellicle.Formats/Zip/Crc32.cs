using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pellicle.Formats.Zip;

/// <summary>The CRC-32 of ZIP, gzip and PNG (reflected polynomial 0xEDB88320), eight bytes at a time.</summary>
/// <remarks>Slicing-by-8 (Kounavis and Berry 2005). The processor's own CRC instruction computes another polynomial (Castagnoli) and does not help.</remarks>
public static class Crc32
{
    private static readonly uint[] Tables = MakeTables();

    /// <summary>The checksum of bytes.</summary>
    /// <param name="bytes">Any length.</param>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Continues a checksum.</summary>
    /// <param name="crc">Checksum of the bytes before; 0 at the start.</param>
    /// <param name="bytes">The bytes that follow.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        ref uint t = ref MemoryMarshal.GetArrayDataReference(Tables);
        crc = ~crc;
        while (bytes.Length >= 8)
        {
            uint low = Unsafe.ReadUnaligned<uint>(ref MemoryMarshal.GetReference(bytes)) ^ crc;
            uint high = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), 4));
            crc = Unsafe.Add(ref t, 1792 + (int)(low & 255)) ^ Unsafe.Add(ref t, 1536 + (int)((low >> 8) & 255))
                ^ Unsafe.Add(ref t, 1280 + (int)((low >> 16) & 255)) ^ Unsafe.Add(ref t, 1024 + (int)(low >> 24))
                ^ Unsafe.Add(ref t, 768 + (int)(high & 255)) ^ Unsafe.Add(ref t, 512 + (int)((high >> 8) & 255))
                ^ Unsafe.Add(ref t, 256 + (int)((high >> 16) & 255)) ^ Unsafe.Add(ref t, (int)(high >> 24));
            bytes = bytes[8..];
        }

        foreach (byte b in bytes)
        {
            crc = Unsafe.Add(ref t, (int)((crc ^ b) & 255)) ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTables()
    {
        var tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint c = i;
            for (int bit = 0; bit < 8; bit++)
            {
                c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            }

            tables[i] = c;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            uint before = tables[i - 256];
            tables[i] = tables[before & 255] ^ (before >> 8);
        }

        return tables;
    }
}
