using Pellicle.Core.Random;

namespace Pellicle.Audit.Canaries;

/// <summary>Independent fair coins from a secure source: a one-run bound holds only if nothing but the mechanism knows them.</summary>
internal static class FairCoins
{
    public static bool[] Toss(int count, ISecureRandom coins)
    {
        var bytes = new byte[(count + 7) / 8];
        coins.Fill(bytes);
        return [.. Enumerable.Range(0, count).Select(i => (bytes[i / 8] >> (i % 8) & 1) == 1)];
    }
}
