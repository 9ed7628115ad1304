using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols;

/// <summary>Into which slots a secret is split, and which party holds which of them.</summary>
/// <remarks>Written once, this says what the client sends, what a kit holds, and which two parties can compare a slot.</remarks>
public sealed class ShareLayout
{
    /// <summary>Describes a sharing.</summary>
    /// <param name="slots">In order; a slot names earlier ones only.</param>
    /// <param name="holders">For each party the slots that it holds, in its order.</param>
    public ShareLayout(IReadOnlyList<ShareSlot> slots, IReadOnlyList<IReadOnlyList<int>> holders)
    {
        Slots = slots;
        Holders = holders;
    }

    /// <summary>All slots.</summary>
    public IReadOnlyList<ShareSlot> Slots { get; }

    /// <summary>For each party the slots that it holds, in its order.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Holders { get; }

    /// <summary>Slots that both parties hold; they can compare them.</summary>
    /// <param name="a">One party.</param>
    /// <param name="b">The other one.</param>
    public IReadOnlyList<int> Common(PartyId a, PartyId b) => [.. Holders[a.Index].Intersect(Holders[b.Index])];

    /// <summary>Position of a slot among those of a party.</summary>
    /// <param name="party">The party.</param>
    /// <param name="slot">A slot that it holds.</param>
    public int PositionOf(PartyId party, int slot) => Holders[party.Index].Index().First(held => held.Item == slot).Index;

    /// <summary>The elements of all slots.</summary>
    /// <param name="secret">Ring elements.</param>
    /// <param name="uniform">Expands the seed of a slot to as many elements.</param>
    public ulong[][] Values(ReadOnlySpan<ulong> secret, Func<int, ulong[]> uniform)
    {
        ArgumentNullException.ThrowIfNull(uniform);
        var values = new ulong[Slots.Count][];
        for (int s = 0; s < values.Length; s++)
        {
            if (Slots[s].IsSeed)
            {
                values[s] = uniform(s);
                continue;
            }

            values[s] = secret.ToArray();
            foreach (int other in Slots[s].Subtracted)
            {
                Ring64.Subtract(values[s], values[other], values[s]);
            }
        }

        return values;
    }

    /// <summary>What one party holds.</summary>
    /// <param name="party">Its number.</param>
    /// <param name="values">The elements of all slots.</param>
    public ulong[][] HeldBy(int party, ulong[][] values) => [.. Holders[party].Select(slot => values[slot])];
}

/// <summary>One slot: a stream of a seed, or the secret without other slots.</summary>
/// <param name="IsSeed">True for a uniform stream that a seed of 16 bytes gives.</param>
/// <param name="Subtracted">Otherwise: the slots that are subtracted from the secret.</param>
public sealed record ShareSlot(bool IsSeed, IReadOnlyList<int> Subtracted)
{
    /// <summary>A uniform stream.</summary>
    public static ShareSlot Seed { get; } = new(true, []);

    /// <summary>The secret without other slots.</summary>
    /// <param name="slots">Earlier slots.</param>
    public static ShareSlot Without(params int[] slots) => new(false, slots);
}
