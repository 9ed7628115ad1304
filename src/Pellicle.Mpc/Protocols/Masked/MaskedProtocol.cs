using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Masked;

/// <summary>Two servers online: P0 and P1 hold x = x0 + x1 modulo 2^64, and values opened under masks that P2 knows. P2 prepares material that depends on the network alone, and receives nothing; one of the three may be curious.</summary>
/// <remarks>Chaudhari, Choudhury, Patra, Suresh 2019: ASTRA (masked evaluation with a party that works offline); the truncation and the sign are as in the files beside this one.
/// A value is opened as E = x - b, b = b0 + b1, where P0 draws b0 from its key with P2 and P1 draws b1 from its own: P2 knows b, P0 and P1 know E, and neither knows x. A value is opened once
/// (<see cref="SharedTensor.Form"/>): whoever uses it again finds E. What P2 then has to tell is a function of masks, dealt in shares, so P2 runs through the program ahead of the others and waits for nobody.
/// The share of P0 in every product, truncation and selection is a fresh stream of its key with P2 plus what both know, so results given to a client are uniform shares of the result.
/// <para>Cost per element, payload, offline (P2 to P1) + online (both ways): linear output 8 + 0, its opening 0 + 16 (1 round), truncation 10 + 0, sign 18.75 + 4 (3 rounds), selection 16 or 18 + 0.
/// Linear layer, truncation, ReLU and opening of the result: 54.75 + 36 bytes, 5 rounds.</para></remarks>
public sealed partial class MaskedProtocol : ITensorProtocol
{
    private readonly PartyNetwork _network;
    private readonly RingBuffers _buffers;
    private readonly Dealer _dealer;
    private uint _step;

    /// <summary>Joins a session.</summary>
    /// <param name="network">This party's connections.</param>
    /// <param name="keyA">Key of this party and the previous one, fresh for this session.</param>
    /// <param name="keyB">Key of this party and the next one, fresh for this session.</param>
    /// <param name="buffers">For laid-out inputs, kept between sessions; null for new ones.</param>
    public MaskedProtocol(PartyNetwork network, PairwiseSeed keyA, PairwiseSeed keyB, RingBuffers? buffers = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        _buffers = buffers ?? new RingBuffers();
        _dealer = new Dealer(network, keyA, keyB);
    }

    /// <inheritdoc/>
    public PartyId Self => _network.Self;

    /// <inheritdoc/>
    public ThreatModel ThreatModel => ThreatModel.OneCuriousServerOfTwoAndPreparer;

    /// <inheritdoc/>
    public Traffic Traffic => _network.Traffic;

    private bool IsHelper => _dealer.IsHelper;

    /// <inheritdoc/>
    /// <remarks>Opened from the start, under the mask 0: it is public.</remarks>
    public SharedTensor Constant(ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ulong[] zeros = new ulong[values.Length];
        return IsHelper
            ? Result([], Exact(zeros), values.Length)
            : Result([_dealer.IsFirst ? [.. values] : zeros], Exact([.. values]), values.Length);
    }

    /// <inheritdoc/>
    public SharedTensor AddPublic(SharedTensor x, ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(values);
        if (IsHelper)
        {
            return Result([], x.Form, x.Count);
        }

        ulong[] share = [.. x.Slot(0)];
        if (_dealer.IsFirst)
        {
            Ring64.Add(share, values, share);
        }

        return Result([share], x.Form?.Add(values), x.Count);
    }

    // P0 and P1 learn E = x - b of every tensor that was not opened before, and the bits under a mask; all in one message, 8 bytes an element and 1 bit a bit from each.
    private void Open(uint step, SharedBits? bits, params ReadOnlySpan<SharedTensor> tensors)
    {
        SharedBits? closedBits = bits is { IsOpened: false } ? bits : null;
        var closed = new List<SharedTensor>();
        foreach (SharedTensor tensor in tensors)
        {
            if (tensor.Form is not { IsExact: true } && !closed.Contains(tensor))
            {
                closed.Add(tensor);
            }
        }

        if (IsHelper)
        {
            foreach ((int i, SharedTensor tensor) in closed.Index())
            {
                tensor.Form = Exact(_dealer.SumOfMasks(step, StreamPart.Mask + (uint)i, tensor.Count));
            }

            if (closedBits is not null)
            {
                // What P2 holds of a closed bit is a summand that only it knows: it becomes part of the mask.
                ulong[] mask = _dealer.XorOfMasks(step, StreamPart.BitMask, BitPlanes.Words(closedBits.Count));
                BitPlanes.Xor(mask, closedBits.Slots[0], mask);
                closedBits.Open(mask);
            }

            return;
        }

        int words = closedBits is null ? 0 : BitPlanes.Words(closedBits.Count);
        if (closed.Count + words > 0)
        {
            OpenAtServer(step, closedBits, words, closed);
        }
    }

    private void OpenAtServer(uint step, SharedBits? bits, int words, List<SharedTensor> tensors)
    {
        var opened = new ulong[words + tensors.Sum(tensor => tensor.Count)];
        Span<ulong> rest = opened.AsSpan(words);
        if (bits is not null)
        {
            BitPlanes.Xor(bits.Slots[0], _dealer.With2.Elements(step, StreamPart.BitMask, words), opened.AsSpan(0, words));
        }

        foreach ((int i, SharedTensor tensor) in tensors.Index())
        {
            Ring64.Subtract(tensor.Slot(0), _dealer.With2.Elements(step, StreamPart.Mask + (uint)i, tensor.Count), rest[..tensor.Count]);
            rest = rest[tensor.Count..];
        }

        ulong[] others = Swap(step, opened);
        if (bits is not null)
        {
            var sum = new ulong[words];
            BitPlanes.Xor(opened.AsSpan(0, words), others.AsSpan(0, words), sum);
            bits.Open(sum);
        }

        int start = words;
        foreach (SharedTensor tensor in tensors)
        {
            var sum = new ulong[tensor.Count];
            Ring64.Add(opened.AsSpan(start, tensor.Count), others.AsSpan(start, tensor.Count), sum);
            tensor.Form = Exact(sum);
            start += tensor.Count;
        }
    }

    private ulong[] Swap(uint step, ulong[] own)
    {
        _network.Send<ulong>(_dealer.Other, step, own);
        return _network.Receive<ulong>(_dealer.Other, step, own.Length);
    }

    private static MaskedForm Exact(ulong[] values) => new(MaskedForm.ExactBits, values);

    private static SharedTensor Result(ulong[][] slots, MaskedForm? form, int count) => new(count, slots) { Form = form };
}
