using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Channels;

/// <summary>One party's end of its connection to one other party: bytes arrive complete and in order, or not at all.</summary>
public interface IChannel : IDisposable
{
    /// <summary>The party at the other end.</summary>
    PartyId Peer { get; }

    /// <summary>Sends a frame, at the latest with the next <see cref="Flush"/>; returns before the peer has read it, so that two parties can send to each other at once.</summary>
    /// <param name="header">The frame's header.</param>
    /// <param name="payload">The frame's content; not used after the call.</param>
    /// <exception cref="Pellicle.Core.Errors.ProtocolException">The connection is closed.</exception>
    void Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload);

    /// <summary>Hands over frames that are still being gathered; a sender calls it before it waits for anything.</summary>
    /// <exception cref="Pellicle.Core.Errors.ProtocolException">The connection is closed.</exception>
    void Flush()
    {
    }

    /// <summary>Waits for some bytes and takes what else has come.</summary>
    /// <param name="destination">Filled from its beginning.</param>
    /// <param name="least">How many bytes to wait for.</param>
    /// <returns>How many were filled.</returns>
    /// <exception cref="Pellicle.Core.Errors.ProtocolException">The connection was closed, or nothing came in time.</exception>
    int ReceiveAtLeast(Span<byte> destination, int least)
    {
        Receive(destination[..least]);
        return least;
    }

    /// <summary>Waits for bytes.</summary>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="Pellicle.Core.Errors.ProtocolException">The connection was closed, or nothing came in time.</exception>
    void Receive(Span<byte> destination);
}
