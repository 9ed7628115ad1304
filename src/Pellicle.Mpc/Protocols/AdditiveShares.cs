using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols;

/// <summary>Additive sharing between two parties: x = x0 + x1 modulo 2^64, P0 holds x0, P1 holds x1, P2 nothing (<c>securenn</c>, <c>masked</c>).</summary>
/// <remarks>A weight y comes with a mask b, a seed that P2 holds: P0 and P1 get F = y - b beside their shares. That is what opening the weight once under P2's mask would give them
/// (SecureNN opens it in every product), and it saves 16 bytes a weight in every prediction. F is uniform to whoever does not know b; b says nothing of y.</remarks>
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
    /// <remarks>Of P0 and P1: the share, and F; of P2: no share, and b.</remarks>
    public override SharedTensor Weight(int count, ulong[][] held)
    {
        ArgumentNullException.ThrowIfNull(held);
        return new SharedTensor(count, [.. held.SkipLast(1)]) { Form = new MaskedForm(MaskedForm.ExactBits, held[^1]) };
    }

    /// <inheritdoc/>
    public override ulong[] Combine(IReadOnlyList<SharedTensor> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var result = new ulong[parts[0].Count];
        Ring64.Add(parts[0].Slot(0), parts[1].Slot(0), result);
        return result;
    }
}
