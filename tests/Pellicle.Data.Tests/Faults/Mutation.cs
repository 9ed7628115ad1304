using System.Buffers.Binary;
using Pellicle.Core.Random;

namespace Pellicle.Data.Tests.Faults;

/// <summary>Damages a file in one of the ways that happen or that attackers try.</summary>
internal static class Mutation
{
    private static readonly uint[] HostileLengths = [0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0];

    internal static byte[] Of(byte[] good, ISeededRandom random)
    {
        byte[] bad = [.. good];
        switch (random.NextInt(6))
        {
            case 0: // cut off
                return bad[..random.NextInt(bad.Length)];
            case 1: // one bit
                bad[random.NextInt(bad.Length)] ^= (byte)(1 << random.NextInt(8));
                return bad;
            case 2: // many bytes
                for (int i = 0; i < 1 + bad.Length / 50; i++)
                {
                    bad[random.NextInt(bad.Length)] = (byte)random.NextUInt64();
                }

                return bad;
            case 3: // a hostile length anywhere
                uint length = HostileLengths[random.NextInt(HostileLengths.Length)];
                Span<byte> word = bad.AsSpan(random.NextInt(Math.Max(1, bad.Length - 4)));
                if (word.Length >= 4)
                {
                    BinaryPrimitives.WriteUInt32BigEndian(word, random.NextInt(2) == 0 ? length : BinaryPrimitives.ReverseEndianness(length));
                }

                return bad;
            case 4: // a piece is missing
                int from = random.NextInt(bad.Length);
                return [.. bad[..from], .. bad[Math.Min(bad.Length, from + 1 + random.NextInt(40))..]];
            default: // a piece is there twice
                int start = random.NextInt(bad.Length);
                return [.. bad[..start], .. bad[Math.Max(0, start - 30)..]];
        }
    }
}
