namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>Additive sharing between two parties: x = x0 + x1 modulo 2^64, P0 holds x0, P1 holds x1, P2 nothing.</summary>
/// <remarks>A weight y is shared with a mask b, a seed that P2 holds: P0 and P1 get y - b beside their shares. That is what opening the weight once under P2's mask would give them,
/// and it saves 16 bytes a weight in every prediction. y - b is uniform to whoever does not know b; b says nothing of y.</remarks>
public sealed class AdditiveShares : ShareScheme
{
    /// <summary>The scheme.</summary>
    public AdditiveShares()
        : base(
            new ShareLayout([ShareSlot.Seed, ShareSlot.Without(0)], [[0], [1], []]),
            new ShareLayout([ShareSlot.Seed, ShareSlot.Seed, ShareSlot.Without(0), ShareSlot.Without(1)], [[0, 3], [2, 3], [1]]))
    {
    }

    /// <inheritdoc/>
    public override Core.SharedTensor Weight(int count, ulong[][] slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        return new Core.SharedTensor(count, [.. slots.SkipLast(1)]) { Masked = slots[^1] };
    }
}
