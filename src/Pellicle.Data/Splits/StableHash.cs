using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pellicle.Data.Splits;

/// <summary>A public, reproducible position in [0, 1) for an id: the same on every machine, and independent of which other ids there are.</summary>
/// <remarks>Because one patient's place does not depend on the others, adding or removing a patient changes that patient's split and
/// nothing else: splitting keeps the neighbouring relation of the data set.</remarks>
public static class StableHash
{
    /// <summary>The position of an id.</summary>
    /// <param name="purpose">What the position decides.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="id">The id.</param>
    public static double Position(string purpose, ulong seed, string id)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"pellicle/{purpose}/{seed}/{id}"));
        return (BinaryPrimitives.ReadUInt64BigEndian(hash) >> 11) * (1.0 / (1UL << 53));
    }
}
