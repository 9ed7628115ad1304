using System.Numerics;
using System.Runtime.InteropServices;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols;

/// <summary>Correlated randomness of two servers from a third one (<c>securenn</c>, <c>masked</c>). "P2 deals v": P0's share comes from the key of P0 and P2 without a message, P1 receives v minus it.</summary>
/// <remarks>A mask that P2 knows is the sum of two streams, one of its key with P0 and one of its key with P1: no message at all.</remarks>
/// <param name="network">This party's connections.</param>
/// <param name="keyA">Key of this party and the previous one, fresh for this session.</param>
/// <param name="keyB">Key of this party and the next one, fresh for this session.</param>
internal sealed class Dealer(PartyNetwork network, PairwiseSeed keyA, PairwiseSeed keyB)
{
    private static readonly PartyId P0 = new(0);
    private static readonly PartyId P1 = new(1);
    private static readonly PartyId P2 = new(2);

    /// <summary>True at P2.</summary>
    public bool IsHelper => network.Self == P2;

    /// <summary>True at P0.</summary>
    public bool IsFirst => network.Self == P0;

    /// <summary>P1 at P0, and P0 at P1.</summary>
    public PartyId Other => IsFirst ? P1 : P0;

    /// <summary>P0, P1: key of this party and P2.</summary>
    public PairwiseSeed With2 => IsFirst ? keyA : keyB;

    /// <summary>P0, P1: key of P0 and P1.</summary>
    public PairwiseSeed Both => IsFirst ? keyB : keyA;

    /// <summary>P2: key of P0 and P2.</summary>
    public PairwiseSeed With0 => keyB;

    /// <summary>P2: key of P1 and P2.</summary>
    public PairwiseSeed With1 => keyA;

    /// <summary>P2: a mask, sum of what P0 and P1 draw.</summary>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What it is for.</param>
    /// <param name="count">Elements.</param>
    public ulong[] SumOfMasks(uint step, uint part, int count)
    {
        ulong[] sum = With0.Elements(step, part, count);
        Ring64.Add(sum, With1.Elements(step, part, count), sum);
        return sum;
    }

    /// <summary>P2: a mask of bits, XOR of what P0 and P1 draw.</summary>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What it is for.</param>
    /// <param name="words">Words.</param>
    public ulong[] XorOfMasks(uint step, uint part, int words)
    {
        ulong[] sum = With0.Elements(step, part, words);
        BitPlanes.Xor(sum, With1.Elements(step, part, words), sum);
        return sum;
    }

    /// <summary>P2: deals ring elements.</summary>
    /// <param name="values">Overwritten.</param>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What they are for.</param>
    public void Deal(ulong[] values, uint step, uint part)
    {
        Ring64.Subtract(values, With0.Elements(step, part, values.Length), values);
        Send<ulong>(step, values);
    }

    /// <summary>P0, P1: this party's share of ring elements.</summary>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What they are for.</param>
    /// <param name="count">Elements.</param>
    public ulong[] Take(uint step, uint part, int count) => IsFirst ? With2.Elements(step, part, count) : network.Receive<ulong>(P2, step, count);

    /// <summary>P2: deals words of bits; the shares' XOR is the word.</summary>
    /// <param name="words">Overwritten.</param>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What they are for.</param>
    public void DealBits(ulong[] words, uint step, uint part)
    {
        BitPlanes.Xor(words, With0.Elements(step, part, words.Length), words);
        Send<ulong>(step, words);
    }

    /// <summary>P2: deals numbers modulo 2^16 or 2^32.</summary>
    /// <typeparam name="TLane">ushort or uint.</typeparam>
    /// <param name="values">Ring elements; their low bits are dealt.</param>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What they are for.</param>
    public void DealLanes<TLane>(ulong[] values, uint step, uint part)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        var lanes = new TLane[values.Length];
        With0.Fill(step, part, MemoryMarshal.AsBytes(lanes.AsSpan()));
        for (int i = 0; i < lanes.Length; i++)
        {
            lanes[i] = TLane.CreateTruncating(values[i]) - lanes[i];
        }

        Send<TLane>(step, lanes);
    }

    /// <summary>P0, P1: this party's share of such numbers, as ring elements.</summary>
    /// <typeparam name="TLane">ushort or uint.</typeparam>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What they are for.</param>
    /// <param name="count">Elements.</param>
    public ulong[] TakeLanes<TLane>(uint step, uint part, int count)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        var lanes = new TLane[count];
        if (IsFirst)
        {
            With2.Fill(step, part, MemoryMarshal.AsBytes(lanes.AsSpan()));
        }
        else
        {
            network.Receive<TLane>(P2, step, lanes);
        }

        return Array.ConvertAll(lanes, ulong.CreateTruncating);
    }

    // P2 works ahead: what it computes next must not hold this up.
    private void Send<T>(uint step, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        network.Send(P1, step, values);
        network.Flush();
    }
}
