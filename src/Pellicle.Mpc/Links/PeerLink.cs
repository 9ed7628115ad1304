using System.Net.Sockets;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Links;

/// <summary>An authenticated connection to another party, kept between sessions.</summary>
/// <remarks>Between sessions one read waits for the opening of the next one: this is how an idle party notices at once that a peer has gone.
/// During a session the thread that computes reads and writes, as on any channel. A session that fails closes the link: nothing of it can be read by the next one.</remarks>
internal sealed class PeerLink : IChannel
{
    private const int MostSkippedBytes = 64 << 20;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly StreamChannel _channel;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PeerLink(PartyId peer, Socket socket, Stream stream, byte[] peerNonce, TimeSpan timeout)
    {
        Peer = peer;
        PeerNonce = peerNonce;
        _socket = socket;
        _stream = stream;
        socket.ReceiveTimeout = (int)timeout.TotalMilliseconds;
        socket.SendTimeout = (int)timeout.TotalMilliseconds;
        _channel = new StreamChannel(peer, stream, timeout);
        Opening = ReadOpeningAsync();
    }

    /// <inheritdoc/>
    public PartyId Peer { get; }

    /// <summary>Nonce of the process at the other end.</summary>
    public byte[] PeerNonce { get; }

    /// <summary>The opening of the next session.</summary>
    public Task<SessionOpening> Opening { get; private set; }

    /// <summary>Completes when the link is of no use any more.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Waits for the next session, after one that ended well.</summary>
    public void Rearm() => Opening = ReadOpeningAsync();

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => _channel.Send(header, payload);

    /// <inheritdoc/>
    public void Flush() => _channel.Flush();

    /// <inheritdoc/>
    public void Receive(Span<byte> destination) => _channel.Receive(destination);

    /// <summary>After a failure: reads on for a moment, for the peer may have said why it stopped.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <returns>What it said, or null.</returns>
    public ProtocolException? LastWord(TimeSpan limit)
    {
        const int mostFrames = 1000;
        Span<byte> header = stackalloc byte[MessageHeader.Size];
        try
        {
            _socket.ReceiveTimeout = (int)limit.TotalMilliseconds;
            for (int i = 0; i < mostFrames; i++)
            {
                _channel.Receive(header);
                MessageHeader found = MessageHeader.Read(header);
                if (found.Step == MessageHeader.EndStep)
                {
                    return found.Ended(Peer);
                }

                _channel.Receive(new byte[Math.Min(found.Length, MostSkippedBytes)]);
            }
        }
        catch (Exception e) when (e is ProtocolException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It said nothing.
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed.TrySetResult();
        _channel.Dispose();
    }

    private async Task<SessionOpening> ReadOpeningAsync()
    {
        byte[] bytes = new byte[SessionOpening.Size];
        try
        {
            await _stream.ReadExactlyAsync(bytes).ConfigureAwait(false);
            return SessionOpening.Read(bytes, Peer);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or ProtocolException)
        {
            _closed.TrySetResult();
            throw e is ProtocolException ? e : StreamChannel.Closed(Peer, e);
        }
    }
}
