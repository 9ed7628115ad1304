using System.Numerics;

namespace Pellicle.Core.Random;

/// <summary>Xoshiro256** (Blackman and Vigna 2018), seeded by SplitMix64. Reproducible on every platform; not for noise, keys or masks.</summary>
public sealed class SeededRandom : ISeededRandom
{
    private readonly ulong _origin;
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Makes the generator of a seed.</summary>
    /// <param name="seed">Any value; equal seeds give equal streams.</param>
    public SeededRandom(ulong seed)
    {
        _origin = seed;
        ulong state = seed;
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    /// <inheritdoc/>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <inheritdoc/>
    public ISeededRandom Derive(string purpose, ulong index = 0)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        ulong h = 14695981039346656037UL; // FNV-1a over the name, then mixed with seed and index
        foreach (char c in purpose)
        {
            h = (h ^ c) * 1099511628211UL;
        }

        ulong state = _origin ^ BitOperations.RotateLeft(h, 23);
        ulong mixed = SplitMix(ref state) + index * 0x9E3779B97F4A7C15UL;
        return new SeededRandom(SplitMix(ref mixed));
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
