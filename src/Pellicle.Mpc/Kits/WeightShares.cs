using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Kits;

/// <summary>One party's part of the weights, read from its kit.</summary>
internal static class WeightShares
{
    public const string SeedKind = "seed";
    public const string DataKind = "data";

    /// <summary>Reads the slots of every secret.</summary>
    /// <param name="folder">Kit folder of the party.</param>
    /// <param name="slots">The slots that the party holds, in its order.</param>
    /// <param name="counts">Ring elements of each secret, in the order of the layers.</param>
    /// <param name="scheme">How the protocol shares.</param>
    /// <exception cref="DataFormatException">A file is missing, damaged, or belongs to another plan.</exception>
    public static IReadOnlyList<SharedTensor> Read(string folder, IReadOnlyList<WeightSlot> slots, IReadOnlyList<int> counts, ShareScheme scheme)
    {
        ulong[][][] held = [.. slots.Select(slot => Slot(folder, slot, counts))];
        return [.. counts.Select((count, k) => scheme.Weight(count, [.. held.Select(slot => slot[k])]))];
    }

    private static ulong[][] Slot(string folder, WeightSlot slot, IReadOnlyList<int> counts)
    {
        string path = Path.Combine(folder, slot.File);
        try
        {
            using FileStream file = File.OpenRead(path);
            long expected = slot.Kind == SeedKind ? PairwiseSeed.KeyBytes : 8 * counts.Sum(count => (long)count);
            if (file.Length != expected)
            {
                throw new DataFormatException($"{path}: {file.Length} bytes of weight shares; this plan needs {expected}.", "Copy the party's kit folder again: weights and plan.json must come from the same kits.");
            }

            string found = Convert.ToHexStringLower(SHA256.HashData(file));
            if (found != slot.Sha256)
            {
                throw new DataFormatException($"{path}: the weight shares have SHA-256 {found[..8]}…; kit.json says {Short(slot.Sha256)}…", "The file is damaged: copy the party's kit folder again.");
            }

            file.Position = 0;
            return slot.Kind == SeedKind ? Expand(file, counts) : Load(file, counts);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"{path}: the weight shares cannot be read ({e.Message})", "Copy the party's kit folder again.", inner: e);
        }
    }

    private static ulong[][] Expand(FileStream file, IReadOnlyList<int> counts)
    {
        byte[] seed = new byte[PairwiseSeed.KeyBytes];
        file.ReadExactly(seed);
        using var key = new PairwiseSeed(seed);
        ulong[][] result = [.. counts.Select((count, k) => key.Elements((uint)k, 0, count))];
        CryptographicOperations.ZeroMemory(seed);
        return result;
    }

    private static ulong[][] Load(FileStream file, IReadOnlyList<int> counts)
    {
        ulong[][] result = [.. counts.Select(count => GC.AllocateUninitializedArray<ulong>(count))];
        Array.ForEach(result, secret => file.ReadExactly(MemoryMarshal.AsBytes(secret.AsSpan())));
        return result;
    }

    private static string Short(string hash) => hash[..Math.Min(8, hash.Length)];
}
