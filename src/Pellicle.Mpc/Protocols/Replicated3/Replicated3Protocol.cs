using System.Runtime.InteropServices;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.Replicated3;

/// <summary>Three parties, replicated shares modulo 2^64, one of them may be curious; truncation without a failure probability.</summary>
/// <remarks>Roles differ on purpose: P0 alone knows s = x0 + x1, and P1 and P2 both know t = x2, so x = s + t is a sum of two, and truncation and sign need
/// only a two-operand adder. Key j belongs to the two holders of slot j; F_j is its stream. Party i holds keys i and i+1.
/// Araki et al. 2016 (multiplication), Mohassel and Rindal 2018 (ABY3: mixed circuits); truncation and bit product as in the files beside this one.</remarks>
public sealed partial class Replicated3Protocol : ITensorProtocol
{
    private static readonly PartyId P0 = new(0);
    private static readonly PartyId P1 = new(1);
    private static readonly PartyId P2 = new(2);

    private readonly PartyNetwork _network;
    private readonly PairwiseSeed _keyA; // key i, of slot i, shared with party i-1
    private readonly PairwiseSeed _keyB; // key i+1, of slot i+1, shared with party i+1
    private readonly RingBuffers _buffers;
    private uint _step;

    /// <summary>Joins a session.</summary>
    /// <param name="network">This party's connections.</param>
    /// <param name="keyA">Key i of party i, fresh for this session.</param>
    /// <param name="keyB">Key i+1 of party i, fresh for this session.</param>
    /// <param name="buffers">For intermediate values, kept between sessions; null for new ones.</param>
    public Replicated3Protocol(PartyNetwork network, PairwiseSeed keyA, PairwiseSeed keyB, RingBuffers? buffers = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        _keyA = keyA;
        _keyB = keyB;
        _buffers = buffers ?? new RingBuffers();
    }

    /// <inheritdoc/>
    public PartyId Self => _network.Self;

    /// <inheritdoc/>
    public ThreatModel ThreatModel => ThreatModel.OneCuriousServer;

    /// <inheritdoc/>
    public Traffic Traffic => _network.Traffic;

    /// <inheritdoc/>
    public SharedTensor Constant(ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return AddPublic(new SharedTensor(values.Length, [new ulong[values.Length], new ulong[values.Length]]), values);
    }

    /// <inheritdoc/>
    public SharedTensor AddPublic(SharedTensor x, ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(values);
        int slot = 0;
        return x.Map(x.Count, (a, r) =>
        {
            if (SlotNumber(slot++) == 0)
            {
                Ring64.Add(a, values, r);
            }
            else
            {
                a.CopyTo(r, 0);
            }
        });
    }

    /// <inheritdoc/>
    public void Recycle(IEnumerable<SharedTensor> live)
    {
        ArgumentNullException.ThrowIfNull(live);
        var slots = new HashSet<ulong[]>(ReferenceEqualityComparer.Instance);
        foreach (SharedTensor tensor in live)
        {
            for (int s = 0; s < tensor.SlotCount; s++)
            {
                slots.Add(tensor.LowBits(s));
            }
        }

        // Lanes still on their way are added to slots that nobody may read.
        slots.UnionWith(_late.SelectMany(late => late.Slots));
        _buffers.Sweep(slots);
    }

    private SharedTensor Result(ulong[] first, ulong[] second) => new(first.Length, [first, second]) { Buffers = _buffers };

    // Slot number of this party's first or second slot.
    private int SlotNumber(int position) => (Self.Index + position) % PartyId.Count;

    private void Send(PartyId to, uint step, ReadOnlySpan<ulong> values) => _network.Send(to, step, values);

    private void Receive(PartyId from, uint step, ulong[] values)
    {
        // Messages of one sender come in order: what is still on its way was sent before.
        SettleLate();
        _network.Receive<ulong>(from, step, values);
    }

    // Received into a buffer that must be given back.
    private ulong[] Borrow(PartyId from, uint step, int count)
    {
        ulong[] values = _buffers.Rent(count);
        Receive(from, step, values);
        return values;
    }

    // A random stream in a buffer that must be given back.
    private ulong[] Borrow(PairwiseSeed key, uint step, uint part, int count)
    {
        ulong[] values = _buffers.Rent(count);
        key.Fill(step, part, Bytes(values));
        return values;
    }

    private static Span<byte> Bytes(ulong[] words) => MemoryMarshal.AsBytes(words.AsSpan());
}
