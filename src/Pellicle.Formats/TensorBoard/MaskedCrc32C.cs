using System.Numerics;

namespace Pellicle.Formats.TensorBoard;

/// <summary>CRC-32C (Castagnoli), rotated and offset as TFRecord files want it, so that a checksum over data that holds checksums stays useful.</summary>
internal static class MaskedCrc32C
{
    internal static uint Of(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Crc(bytes), 15) + 0xA282EAD8;

    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
