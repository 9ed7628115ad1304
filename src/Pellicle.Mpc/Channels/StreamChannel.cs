using System.Buffers;
using System.Net.Sockets;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Channels;

/// <summary>A connection over a stream: a TCP socket, or TLS on top of one.</summary>
/// <remarks>Small frames are gathered until the sender waits for something, and written by the sending thread: one record of TLS and one system call for several. Larger ones go through one writer thread, so that two parties that send to each other cannot block each other with full socket buffers.</remarks>
public sealed class StreamChannel : IChannel
{
    private const int InlineBytes = 64 * 1024;

    private readonly Stream _stream;
    private readonly TimeSpan _timeout;
    private readonly byte[] _gathered = new byte[InlineBytes];
    private readonly Queue<(byte[] Bytes, int Length)> _frames = new();
    private readonly Thread _writer;
    private int _filled;
    private bool _isWriting;
    private bool _isClosed;

    /// <summary>Takes over a stream.</summary>
    /// <param name="peer">The party at the other end, already authenticated.</param>
    /// <param name="stream">Closed with this object; its read time-out should be <paramref name="timeout"/>.</param>
    /// <param name="timeout">How long a receiver waits for a message; for the message of the error.</param>
    public StreamChannel(PartyId peer, Stream stream, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Peer = peer;
        _stream = stream;
        _timeout = timeout;
        _writer = new Thread(WriteQueue) { IsBackground = true, Name = $"writer to {peer}" };
        _writer.Start();
    }

    /// <inheritdoc/>
    public PartyId Peer { get; }

    /// <summary>Wraps a connected socket.</summary>
    /// <param name="peer">The party at the other end.</param>
    /// <param name="socket">Connected; closed with the channel.</param>
    /// <param name="timeout">How long a receiver waits for a message.</param>
    public static StreamChannel Over(PartyId peer, Socket socket, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(socket);
        socket.NoDelay = true;
        socket.SendBufferSize = 1 << 20;
        socket.ReceiveBufferSize = 1 << 20;
        socket.ReceiveTimeout = (int)timeout.TotalMilliseconds;
        socket.SendTimeout = (int)timeout.TotalMilliseconds;
        return new StreamChannel(peer, new NetworkStream(socket, ownsSocket: true), timeout);
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        int length = header.Length + payload.Length;
        if (_filled + length > InlineBytes)
        {
            Flush();
        }

        if (length <= InlineBytes)
        {
            header.CopyTo(_gathered.AsSpan(_filled));
            payload.CopyTo(_gathered.AsSpan(_filled + header.Length));
            _filled += length;
            return;
        }

        byte[] frame = ArrayPool<byte>.Shared.Rent(length);
        header.CopyTo(frame);
        payload.CopyTo(frame.AsSpan(header.Length));
        lock (_frames)
        {
            Enqueue(frame, length);
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        if (_filled == 0)
        {
            return;
        }

        int length = _filled;
        _filled = 0;
        lock (_frames)
        {
            if (_isWriting || _frames.Count > 0)
            {
                byte[] frame = ArrayPool<byte>.Shared.Rent(length);
                _gathered.AsSpan(0, length).CopyTo(frame);
                Enqueue(frame, length);
                return;
            }

            if (_isClosed)
            {
                throw Closed(Peer);
            }
        }

        try
        {
            _stream.Write(_gathered, 0, length);
        }
        catch (IOException e) when (IsTimeout(e))
        {
            throw TimedOut(Peer, _timeout, e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw Closed(Peer, e);
        }
    }

    /// <inheritdoc/>
    public void Receive(Span<byte> destination) => ReceiveAtLeast(destination, destination.Length);

    /// <inheritdoc/>
    public int ReceiveAtLeast(Span<byte> destination, int least)
    {
        int filled = 0;
        try
        {
            while (filled < least)
            {
                int part = _stream.Read(destination[filled..]);
                if (part <= 0)
                {
                    throw Closed(Peer);
                }

                filled += part;
            }

            return filled;
        }
        catch (IOException e) when (IsTimeout(e))
        {
            throw TimedOut(Peer, _timeout, e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw Closed(Peer, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_frames)
        {
            if (_isClosed)
            {
                return;
            }

            // Frames still queued are written before the line is closed: the peer may need them to finish.
            long deadline = Environment.TickCount64 + 2000;
            while ((_frames.Count > 0 || _isWriting) && Environment.TickCount64 < deadline)
            {
                Monitor.Wait(_frames, 100);
            }

            _isClosed = true;
            Monitor.PulseAll(_frames);
        }

        _stream.Dispose();
    }

    internal static ProtocolException Closed(PartyId peer, Exception? inner = null) =>
        new($"party {peer.Index} closed the connection.", "Look at its log, start it again, and start a new session.", inner: inner) { Party = peer.Index };

    internal static ProtocolException TimedOut(PartyId peer, TimeSpan timeout, Exception? inner = null) =>
        new($"party {peer.Index} sent nothing for {timeout.TotalSeconds:0.#} s.", "Check that it is running, or raise --timeout.", inner: inner) { Party = peer.Index };

    private static bool IsTimeout(IOException e) => e.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock };

    // Under the lock.
    private void Enqueue(byte[] frame, int length)
    {
        if (_isClosed)
        {
            throw Closed(Peer);
        }

        _frames.Enqueue((frame, length));
        Monitor.PulseAll(_frames);
    }

    private void WriteQueue()
    {
        while (true)
        {
            byte[] frame;
            int length;
            lock (_frames)
            {
                while (_frames.Count == 0)
                {
                    if (_isClosed)
                    {
                        return;
                    }

                    Monitor.Wait(_frames);
                }

                (frame, length) = _frames.Dequeue();
                _isWriting = true;
            }

            bool isBroken = false;
            try
            {
                _stream.Write(frame, 0, length);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                isBroken = true;
            }

            ArrayPool<byte>.Shared.Return(frame);

            lock (_frames)
            {
                _isWriting = false;
                _isClosed |= isBroken;
                if (isBroken)
                {
                    _frames.Clear();
                }

                Monitor.PulseAll(_frames);
            }
        }
    }
}
