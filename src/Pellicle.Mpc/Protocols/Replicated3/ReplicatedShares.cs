using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.Replicated3;

/// <summary>Replicated sharing: x = x0 + x1 + x2 modulo 2^64; P0 holds (x0, x1), P1 (x1, x2), P2 (x2, x0).</summary>
/// <remarks>Araki, Furukawa, Lindell, Nof, Ohara 2016. Any one party's two slots are uniform and independent of x.</remarks>
public sealed class ReplicatedShares : ShareScheme
{
    private static readonly ShareLayout Replicated = new([ShareSlot.Seed, ShareSlot.Seed, ShareSlot.Without(0, 1)], [[0, 1], [1, 2], [2, 0]]);

    /// <summary>The scheme.</summary>
    public ReplicatedShares()
        : base(Replicated, Replicated)
    {
    }

    /// <inheritdoc/>
    public override ulong[] Combine(IReadOnlyList<SharedTensor> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        for (int i = 0; i < PartyId.Count; i++)
        {
            int next = (i + 1) % PartyId.Count;
            if (!parts[i].Slot(1).AsSpan().SequenceEqual(parts[next].Slot(0)))
            {
                throw new ProtocolException($"parties {i} and {next} gave different copies of the same slot of the result.", "One of them computed wrongly or cheated: do not use the result, and look at both machines.");
            }
        }

        var result = new ulong[parts[0].Count];
        Ring64.Add(parts[0].Slot(0), parts[0].Slot(1), result);
        Ring64.Add(result, parts[1].Slot(1), result);
        return result;
    }
}
