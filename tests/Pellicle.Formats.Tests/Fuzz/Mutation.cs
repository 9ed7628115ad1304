using System.Buffers.Binary;
using Pellicle.Core.Random;

namespace Pellicle.Formats.Tests.Fuzz;

/// <summary>Damages a file at random, in the ways that find faults in readers: single bytes, extreme words, cuts, repeats, joined halves.</summary>
internal static class Mutation
{
    private static readonly uint[] Extremes = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 100_000_000];

    public static byte[] Of(byte[] valid, ISeededRandom random)
    {
        byte[] bytes = [.. valid];
        int changes = 1 + random.NextInt(4);
        for (int i = 0; i < changes && bytes.Length > 0; i++)
        {
            int at = Place(bytes.Length, random);
            switch (random.NextInt(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.NextInt(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.NextInt(256);
                    break;
                case 2 when at + 4 <= bytes.Length:
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Extremes[random.NextInt(Extremes.Length)]);
                    break;
                case 3 when at + 4 <= bytes.Length:
                    BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), Extremes[random.NextInt(Extremes.Length)]);
                    break;
                case 4:
                    bytes = bytes[..at];
                    break;
                case 5:
                    int end = Math.Min(bytes.Length, at + 1 + random.NextInt(40));
                    bytes = [.. bytes.AsSpan(0, end), .. bytes.AsSpan(at)];
                    break;
                default:
                    int skip = Math.Min(bytes.Length, at + 1 + random.NextInt(16));
                    bytes = [.. bytes.AsSpan(0, at), .. bytes.AsSpan(skip)];
                    break;
            }
        }

        return bytes;
    }

    /// <summary>Headers lie at the ends: half of the changes go to the first or last 200 bytes.</summary>
    private static int Place(int length, ISeededRandom random)
    {
        int near = Math.Min(length, 200);
        return random.NextInt(4) switch
        {
            0 => random.NextInt(near),
            1 => length - 1 - random.NextInt(near),
            _ => random.NextInt(length),
        };
    }
}
