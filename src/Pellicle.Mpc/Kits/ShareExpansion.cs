using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Kits;

/// <summary>Replicated sharing in which slots 0 and 1 are seeds: x0 and x1 are streams of AES-128 in counter mode, and x2 = x - x0 - x1 modulo 2^64.</summary>
/// <remarks>Stream s of a seed is AES-CTR over zeros; counter block: s as 4 bytes big-endian, 4 zero bytes, block number as 8 bytes big-endian, as WebCrypto's AES-CTR with a counter
/// length of 64 bits counts. Words are little-endian. An image uses stream 0 of two fresh seeds; the k-th secret of a model uses stream k.
/// Vectors: docs/reference/party-api.md.</remarks>
public static class ShareExpansion
{
    /// <summary>Expands a seed to one slot.</summary>
    /// <param name="seed">16 bytes.</param>
    /// <param name="stream">Which of the seed's streams.</param>
    /// <param name="count">Ring elements.</param>
    public static ulong[] Slot(ReadOnlySpan<byte> seed, uint stream, int count)
    {
        using var key = new PairwiseSeed(seed);
        return key.Elements(stream, 0, count);
    }

    /// <summary>The slot that makes the sum right.</summary>
    /// <param name="values">x.</param>
    /// <param name="seed0">Seed of slot 0.</param>
    /// <param name="seed1">Seed of slot 1.</param>
    /// <param name="stream">Which of the seeds' streams.</param>
    /// <returns>x - x0 - x1.</returns>
    public static ulong[] Remainder(ReadOnlySpan<ulong> values, ReadOnlySpan<byte> seed0, ReadOnlySpan<byte> seed1, uint stream)
    {
        ulong[] result = Slot(seed0, stream, values.Length);
        Ring64.Subtract(values, result, result);
        Ring64.Subtract(result, Slot(seed1, stream, values.Length), result);
        return result;
    }
}
