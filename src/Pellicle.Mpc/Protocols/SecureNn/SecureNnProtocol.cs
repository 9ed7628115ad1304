using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>SecureNN: P0 and P1 hold x = x0 + x1 modulo L = 2^64, P2 holds no share and deals what they need; one of the three may be curious.</summary>
/// <remarks>Wagh, Gupta, Chandran 2019: SecureNN: 3-Party Secure Computation for Neural Network Training, PoPETs 2019(3).
/// "P2 deals v" means: P0's share comes from the key of P0 and P2 without a message, P1 receives v minus it. Every permutation, multiplier, mask and bit is drawn afresh for
/// each element of each call, from streams addressed by step and element.
/// <para>Cost per element, payload: product 40 bytes, 1 round; linear layer 16 an input and 8 an output, 1 round; sign 440, 8 rounds; selection 40, 1 round; truncation none.</para></remarks>
public sealed partial class SecureNnProtocol : ITensorProtocol
{
    private static readonly PartyId P0 = new(0);
    private static readonly PartyId P1 = new(1);
    private static readonly PartyId P2 = new(2);

    private readonly PartyNetwork _network;
    private readonly RingBuffers _buffers;
    private readonly PairwiseSeed _with2; // P0, P1: key of this party and P2
    private readonly PairwiseSeed _both;  // P0, P1: key of P0 and P1
    private readonly PairwiseSeed _with0; // P2: key of P0 and P2
    private readonly PairwiseSeed _with1; // P2: key of P1 and P2
    private uint _step;

    /// <summary>Joins a session.</summary>
    /// <param name="network">This party's connections.</param>
    /// <param name="keyA">Key of this party and the previous one, fresh for this session.</param>
    /// <param name="keyB">Key of this party and the next one, fresh for this session.</param>
    /// <param name="buffers">For laid-out inputs, kept between sessions; null for new ones.</param>
    public SecureNnProtocol(PartyNetwork network, PairwiseSeed keyA, PairwiseSeed keyB, RingBuffers? buffers = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        _buffers = buffers ?? new RingBuffers();
        (_with2, _both) = network.Self.Index == 0 ? (keyA, keyB) : (keyB, keyA);
        (_with0, _with1) = (keyB, keyA);
    }

    /// <inheritdoc/>
    public PartyId Self => _network.Self;

    /// <inheritdoc/>
    public ThreatModel ThreatModel => ThreatModel.OneCuriousServerOfTwoAndHelper;

    /// <inheritdoc/>
    public Traffic Traffic => _network.Traffic;

    private bool IsHelper => Self.Index == 2;

    private PartyId Other => Self.Index == 0 ? P1 : P0;

    /// <inheritdoc/>
    public SharedTensor Constant(ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new SharedTensor(values.Length, IsHelper ? [] : [Self == P0 ? [.. values] : new ulong[values.Length]]);
    }

    /// <inheritdoc/>
    public SharedTensor AddPublic(SharedTensor x, ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(values);
        return Self == P0 ? x.Map(x.Count, (a, r) => Ring64.Add(a, values, r)) : x.Map(x.Count, (a, r) => a.CopyTo(r, 0));
    }

    private void Send(PartyId to, uint step, ReadOnlySpan<ulong> values) => _network.Send(to, step, values);

    private ulong[] Receive(PartyId from, uint step, int count) => _network.Receive<ulong>(from, step, count);

    // P2: v - F of the key with P0, to P1, modulo 2^64.
    private void Deal(ulong[] values, uint step, uint part)
    {
        Ring64.Subtract(values, _with0.Elements(step, part, values.Length), values);
        Send(P1, step, values);
        _network.Flush(); // P2 works ahead: what it computes next must not hold this up
    }

    // P0 and P1: their share of what P2 deals.
    private ulong[] TakeDealt(uint step, uint part, int count) => Self == P0 ? _with2.Elements(step, part, count) : Receive(P2, step, count);

    // P0 and P1: + F or - F of their common key.
    private void AddZeroShare(ulong[] values, uint step, uint part)
    {
        ulong[] zero = _both.Elements(step, part, values.Length);
        if (Self == P0)
        {
            Ring64.Add(values, zero, values);
        }
        else
        {
            Ring64.Subtract(values, zero, values);
        }
    }

    private static ulong[] Bits(PairwiseSeed key, uint step, uint part, int count)
    {
        ulong[] words = key.Elements(step, part, (count + 63) / 64);
        var bits = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            bits[i] = (words[i >> 6] >> i) & 1;
        }

        return bits;
    }

    private static void RequireCount(int expected, int found, string what)
    {
        if (expected != found)
        {
            throw new ArgumentException($"The {what} has {found} elements; expected {expected}.");
        }
    }
}
