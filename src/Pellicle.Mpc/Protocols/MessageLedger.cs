using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols;

/// <summary>Declared messages of a protocol: counts bytes and the longest chain of messages, as the counters of a run do.</summary>
public sealed class MessageLedger
{
    private readonly uint[] _depth = new uint[PartyId.Count];
    private readonly long[] _bytesByLink = new long[9];
    private readonly Queue<LateMessages> _late = new();
    private readonly List<DeclaredMessage> _messages = [];
    private long _payloadBytes;

    /// <summary>What the next messages are for.</summary>
    public string Kind { get; set; } = "";

    /// <summary>All messages, in the order of their declaration.</summary>
    public IReadOnlyList<DeclaredMessage> Messages => _messages;

    /// <summary>What was declared so far.</summary>
    public Traffic Traffic => new(_depth.Max(), _messages.Count, _payloadBytes, [.. _bytesByLink]);

    /// <summary>Declares a message that will be received later.</summary>
    /// <param name="from">Index of the sender.</param>
    /// <param name="to">Index of the receiver.</param>
    /// <param name="bytes">Content.</param>
    /// <returns>The depth at which it arrives.</returns>
    public uint Send(int from, int to, long bytes)
    {
        _messages.Add(new DeclaredMessage(from, to, Kind, bytes + MessageHeader.Size));
        _payloadBytes += bytes;
        _bytesByLink[(3 * from) + to] += bytes + MessageHeader.Size;
        return _depth[from] + 1;
    }

    /// <summary>Declares that a party waits for a message.</summary>
    /// <param name="party">Index of the receiver.</param>
    /// <param name="depth">As <see cref="Send"/> gave it.</param>
    public void Arrive(int party, uint depth)
    {
        // Messages of one sender come in order: what is late at this party was sent before and is taken in first.
        if (party == 0)
        {
            SettleLate();
        }

        _depth[party] = Math.Max(_depth[party], depth);
    }

    /// <summary>Declares messages that are sent before any of them is received.</summary>
    /// <param name="messages">Sender, receiver, bytes.</param>
    public void Exchange(params ReadOnlySpan<(int From, int To, long Bytes)> messages)
    {
        Span<uint> arrival = stackalloc uint[messages.Length];
        for (int i = 0; i < messages.Length; i++)
        {
            arrival[i] = Send(messages[i].From, messages[i].To, messages[i].Bytes);
        }

        for (int i = 0; i < messages.Length; i++)
        {
            Arrive(messages[i].To, arrival[i]);
        }
    }

    /// <summary>Declares messages to party 0 that it takes in at the first use of the value.</summary>
    /// <param name="to">0.</param>
    /// <param name="messages">Sender and bytes.</param>
    public ILateTerm SendLate(int to, params ReadOnlySpan<(int From, long Bytes)> messages)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(to, 0);
        uint depth = 0;
        foreach ((int from, long bytes) in messages)
        {
            depth = Math.Max(depth, Send(from, to, bytes));
        }

        var late = new LateMessages(this, depth);
        _late.Enqueue(late);
        return late;
    }

    private void SettleLate()
    {
        while (_late.TryDequeue(out LateMessages? late))
        {
            late.IsSettled = true;
            _depth[0] = Math.Max(_depth[0], late.Depth);
        }
    }

    private sealed class LateMessages(MessageLedger ledger, uint depth) : ILateTerm
    {
        public uint Depth => depth;

        public bool IsSettled { get; set; }

        public void Settle()
        {
            if (!IsSettled)
            {
                ledger.SettleLate();
            }
        }
    }
}
