using System.Runtime.InteropServices;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols;

/// <summary>How a protocol splits a secret among the three parties and puts it together again: what client and model owner do.</summary>
/// <param name="input">Slots of an image.</param>
/// <param name="weights">Slots of a weight.</param>
public abstract class ShareScheme(ShareLayout input, ShareLayout weights)
{
    /// <summary>Slots of an image, and of a result.</summary>
    public ShareLayout Input => input;

    /// <summary>Slots of a weight.</summary>
    public ShareLayout Weights => weights;

    /// <summary>Splits an image.</summary>
    /// <param name="values">Ring elements.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <returns>The parts of P0, P1, P2.</returns>
    public SharedTensor[] Split(ReadOnlySpan<ulong> values, ISecureRandom random)
    {
        int count = values.Length;
        ulong[][] slots = Draw(input, values, random);
        return [.. input.Holders.Index().Select(party => new SharedTensor(count, input.HeldBy(party.Index, slots)))];
    }

    /// <summary>Splits a weight.</summary>
    /// <param name="values">Ring elements.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <returns>The parts of P0, P1, P2.</returns>
    public SharedTensor[] SplitWeight(ReadOnlySpan<ulong> values, ISecureRandom random)
    {
        int count = values.Length;
        ulong[][] slots = Draw(weights, values, random);
        return [.. weights.Holders.Index().Select(party => Weight(count, weights.HeldBy(party.Index, slots)))];
    }

    /// <summary>A party's part of a weight, from the slots that it holds.</summary>
    /// <param name="count">Number of elements.</param>
    /// <param name="held">In the order of <see cref="ShareLayout.Holders"/>.</param>
    public virtual SharedTensor Weight(int count, ulong[][] held) => new(count, held);

    /// <summary>Puts a result together.</summary>
    /// <param name="parts">The parts of P0, P1, P2.</param>
    /// <exception cref="Pellicle.Core.Errors.ProtocolException">Two copies of the same slot differ.</exception>
    public abstract ulong[] Combine(IReadOnlyList<SharedTensor> parts);

    private static ulong[][] Draw(ShareLayout layout, ReadOnlySpan<ulong> values, ISecureRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int count = values.Length;
        return layout.Values(values, _ =>
        {
            var slot = new ulong[count];
            random.Fill(MemoryMarshal.AsBytes(slot.AsSpan()));
            return slot;
        });
    }
}
