using System.Net.Sockets;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Links;

/// <summary>An authenticated connection to another party, kept between sessions.</summary>
/// <remarks>Between sessions a thread of the link waits for the opening of the next one: this is how an idle party notices at once that a peer has gone.
/// During a session the thread that computes reads and writes, as on any channel. A session that fails closes the link: nothing of it can be read by the next one.</remarks>
internal sealed class PeerLink : IChannel
{
    private const int MostSkippedBytes = 64 << 20;

    private readonly Socket _socket;
    private readonly int _timeout; // milliseconds
    private readonly Stream _stream;
    private readonly StreamChannel _channel;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PeerLink(PartyId peer, Socket socket, Stream stream, byte[] peerNonce, TimeSpan timeout)
    {
        Peer = peer;
        PeerNonce = peerNonce;
        _socket = socket;
        _stream = stream;
        _timeout = (int)timeout.TotalMilliseconds;
        socket.SendTimeout = _timeout;
        _channel = new StreamChannel(peer, stream, timeout);
        Opening = NextOpening();
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
    public void Rearm() => Opening = NextOpening();

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => _channel.Send(header, payload);

    /// <inheritdoc/>
    public void Flush() => _channel.Flush();

    /// <inheritdoc/>
    public void Receive(Span<byte> destination) => _channel.Receive(destination);

    /// <inheritdoc/>
    public int ReceiveAtLeast(Span<byte> destination, int least) => _channel.ReceiveAtLeast(destination, least);

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

    private Task<SessionOpening> NextOpening() => Task.Factory.StartNew(ReadOpening, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private SessionOpening ReadOpening()
    {
        byte[] bytes = new byte[SessionOpening.Size];
        try
        {
            _socket.ReceiveTimeout = 0; // an idle link may wait for ever
            _stream.ReadExactly(bytes);
            _socket.ReceiveTimeout = _timeout;
            return SessionOpening.Read(bytes, Peer);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or ProtocolException)
        {
            _closed.TrySetResult();
            throw e is ProtocolException ? e : StreamChannel.Closed(Peer, e);
        }
    }
}
