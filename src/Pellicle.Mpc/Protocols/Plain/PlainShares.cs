using Pellicle.Core.Random;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.Plain;

/// <summary>No sharing: one part holds the values.</summary>
public sealed class PlainShares : ShareScheme
{
    /// <inheritdoc/>
    public override SharedTensor[] Split(ReadOnlySpan<ulong> values, ISecureRandom random) => [new SharedTensor(values.Length, [values.ToArray()])];

    /// <inheritdoc/>
    public override ulong[] Combine(IReadOnlyList<SharedTensor> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts[0].Slot(0);
    }
}
