using Pellicle.Core.Random;

namespace Pellicle.NeuraCrypt.Tests;

/// <summary>Bytes that repeat, so that a statistical test has the same outcome every time. For tests only.</summary>
internal sealed class FixedRandom(ulong seed) : ISecureRandom
{
    private readonly SeededRandom _random = new(seed);

    public void Fill(Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = (byte)(_random.NextUInt64() >> 32);
        }
    }
}
