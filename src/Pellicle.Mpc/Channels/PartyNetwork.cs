using System.Runtime.InteropServices;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Channels;

/// <summary>A party's two connections, with headers checked on receipt and counters of rounds, messages and bytes.</summary>
/// <remarks>Not thread-safe: one thread computes for a party.</remarks>
public sealed class PartyNetwork : IDisposable
{
    private const int LargestSmall = 8192; // bytes of content that are read together with their header

    private readonly IChannel?[] _channels = new IChannel?[PartyId.Count];
    private readonly uint _planId;
    private readonly long[] _bytesByLink = new long[9];
    private readonly byte[] _small = new byte[MessageHeader.Size + LargestSmall];
    private uint _depth;
    private long _messages;
    private long _payloadBytes;

    /// <summary>Joins the connections of a party.</summary>
    /// <param name="self">The party.</param>
    /// <param name="planId">First four bytes of the plan's hash.</param>
    /// <param name="channels">To both other parties; closed with this object.</param>
    public PartyNetwork(PartyId self, uint planId, params IReadOnlyList<IChannel> channels)
    {
        ArgumentNullException.ThrowIfNull(channels);
        Self = self;
        _planId = planId;
        foreach (IChannel channel in channels)
        {
            _channels[channel.Peer.Index] = channel;
        }
    }

    /// <summary>The party.</summary>
    public PartyId Self { get; }

    /// <summary>Step of the message that was sent or awaited last.</summary>
    public uint Step { get; private set; }

    /// <summary>Called with each message received, if set: what this party sees of the others.</summary>
    public Action<PartyId, uint, ReadOnlyMemory<byte>>? Received { get; set; }

    /// <summary>What this party sent, and the length of the chain of messages it has waited for.</summary>
    public Traffic Traffic => new(_depth, _messages, _payloadBytes, [.. _bytesByLink]);

    /// <summary>Sends numbers or words.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <param name="to">The receiver.</param>
    /// <param name="step">Step of the session.</param>
    /// <param name="values">Content.</param>
    public void Send<T>(PartyId to, uint step, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Step = step;
        ReadOnlySpan<byte> payload = MemoryMarshal.AsBytes(values);
        Span<byte> header = stackalloc byte[MessageHeader.Size];
        new MessageHeader(_planId, step, _depth + 1, (uint)payload.Length).Write(header);
        Channel(to).Send(header, payload);
        _messages++;
        _payloadBytes += payload.Length;
        _bytesByLink[(3 * Self.Index) + to.Index] += payload.Length + MessageHeader.Size;
    }

    /// <summary>Waits for numbers or words.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <param name="from">The sender.</param>
    /// <param name="step">Step that they must belong to.</param>
    /// <param name="count">How many must come.</param>
    /// <exception cref="Pellicle.Core.Errors.ProtocolException">Connection lost, too late, or another message than the plan says.</exception>
    public T[] Receive<T>(PartyId from, uint step, int count)
        where T : unmanaged
    {
        T[] values = GC.AllocateUninitializedArray<T>(count);
        Receive<T>(from, step, values);
        return values;
    }

    /// <summary>Waits for numbers or words.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <param name="from">The sender.</param>
    /// <param name="step">Step that they must belong to.</param>
    /// <param name="values">Filled completely.</param>
    /// <exception cref="Pellicle.Core.Errors.ProtocolException">Connection lost, too late, or another message than the plan says.</exception>
    public void Receive<T>(PartyId from, uint step, Span<T> values)
        where T : unmanaged
    {
        Step = step;
        Flush();
        Span<byte> payload = MemoryMarshal.AsBytes(values);

        // The length is known, so a small message takes one read; if it is another one, its header is judged before anything waits for the rest.
        bool isSmall = payload.Length <= LargestSmall;
        Span<byte> bytes = _small.AsSpan(0, MessageHeader.Size + (isSmall ? payload.Length : 0));
        int read = Channel(from).ReceiveAtLeast(bytes, MessageHeader.Size);
        MessageHeader header = MessageHeader.Read(bytes);
        header.Verify(new MessageHeader(_planId, step, 0, (uint)payload.Length), from);
        if (isSmall)
        {
            Channel(from).Receive(bytes[read..]);
            bytes[MessageHeader.Size..].CopyTo(payload);
        }
        else
        {
            Channel(from).Receive(payload);
        }

        _depth = Math.Max(_depth, header.Depth);
        Received?.Invoke(from, step, payload.ToArray());
    }

    /// <summary>Waits until everything that was sent has left: at the end. A party that only sends is done when the others have taken what it sent, and not before.</summary>
    public void Drain()
    {
        foreach (IChannel? channel in _channels)
        {
            channel?.Drain();
        }
    }

    /// <summary>Hands over what channels still gather: before this party waits for anything.</summary>
    public void Flush()
    {
        foreach (IChannel? channel in _channels)
        {
            channel?.Flush();
        }
    }

    /// <summary>Tells another party that the session is over, and because of whom. Failures are of no interest any more.</summary>
    /// <param name="to">The receiver.</param>
    /// <param name="cause">The party that caused it.</param>
    public void End(PartyId to, PartyId cause)
    {
        Span<byte> header = stackalloc byte[MessageHeader.Size];
        new MessageHeader(_planId, MessageHeader.EndStep, (uint)cause.Index + 1, 0).Write(header);
        try
        {
            Channel(to).Send(header, []);
            Channel(to).Flush();
        }
        catch (Pellicle.Core.Errors.ProtocolException)
        {
            // The receiver has gone: it knows already.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.Clear(_small);
        foreach (IChannel? channel in _channels)
        {
            channel?.Dispose();
        }
    }

    private IChannel Channel(PartyId party) => _channels[party.Index] ?? throw new ArgumentException($"{Self} has no connection to {party}.", nameof(party));
}
