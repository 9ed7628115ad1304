using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.Plain;

/// <summary>No sharing: one part holds the values.</summary>
public sealed class PlainShares : ShareScheme
{
    private static readonly ShareLayout Whole = new([ShareSlot.Without()], [[0]]);

    /// <summary>The scheme.</summary>
    public PlainShares()
        : base(Whole, Whole)
    {
    }

    /// <inheritdoc/>
    public override ulong[] Combine(IReadOnlyList<SharedTensor> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts[0].Slot(0);
    }
}
