using System.Diagnostics;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Channels;

/// <summary>A connection between two parties in one process: queues of frames, with the delay and rate of a simulated network if one is given.</summary>
public sealed class LoopbackChannel : IChannel
{
    private readonly Direction _out;
    private readonly Direction _in;
    private readonly TimeSpan _timeout;
    private byte[] _frame = [];
    private int _position;

    private LoopbackChannel(PartyId peer, Direction outgoing, Direction incoming, TimeSpan timeout)
    {
        Peer = peer;
        _out = outgoing;
        _in = incoming;
        _timeout = timeout;
    }

    /// <inheritdoc/>
    public PartyId Peer { get; }

    /// <summary>Connects two parties.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="timeout">How long a receiver waits for a message.</param>
    /// <param name="network">Delay and rate of each direction, or null for none.</param>
    /// <returns>The end of <paramref name="a"/> and the end of <paramref name="b"/>.</returns>
    public static (LoopbackChannel AtA, LoopbackChannel AtB) Connect(PartyId a, PartyId b, TimeSpan timeout, SimulatedNetwork? network = null)
    {
        Direction there = new(network), back = new(network);
        return (new LoopbackChannel(b, there, back, timeout), new LoopbackChannel(a, back, there, timeout));
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        byte[] frame = GC.AllocateUninitializedArray<byte>(header.Length + payload.Length);
        header.CopyTo(frame);
        payload.CopyTo(frame.AsSpan(header.Length));
        if (!_out.Put(frame))
        {
            throw StreamChannel.Closed(Peer);
        }
    }

    /// <inheritdoc/>
    public void Receive(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            if (_position == _frame.Length)
            {
                _frame = _in.Take(_timeout, Peer);
                _position = 0;
            }

            int part = Math.Min(destination.Length, _frame.Length - _position);
            _frame.AsSpan(_position, part).CopyTo(destination);
            _position += part;
            destination = destination[part..];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _out.Close();
        _in.Close();
    }

    private sealed class Direction(SimulatedNetwork? network)
    {
        private readonly Queue<(byte[] Frame, long Due)> _frames = new();
        private bool _isClosed;
        private double _free; // seconds on the monotonic clock at which the simulated line has sent everything

        public bool Put(byte[] frame)
        {
            lock (_frames)
            {
                if (_isClosed)
                {
                    return false;
                }

                _frames.Enqueue((frame, Due(frame.Length)));
                Monitor.Pulse(_frames);
                return true;
            }
        }

        public byte[] Take(TimeSpan timeout, PartyId peer)
        {
            byte[] frame;
            long due;
            lock (_frames)
            {
                long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
                while (_frames.Count == 0)
                {
                    if (_isClosed)
                    {
                        throw StreamChannel.Closed(peer);
                    }

                    int left = (int)Math.Min(int.MaxValue, deadline - Environment.TickCount64);
                    if (left <= 0 || (!Monitor.Wait(_frames, left) && _frames.Count == 0 && !_isClosed))
                    {
                        throw StreamChannel.TimedOut(peer, timeout);
                    }
                }

                (frame, due) = _frames.Dequeue();
            }

            WaitUntil(due);
            return frame;
        }

        public void Close()
        {
            lock (_frames)
            {
                _isClosed = true;
                Monitor.PulseAll(_frames);
            }
        }

        // A token bucket as virtual scheduling: the line may be ahead of its rate by one burst, never by more.
        private long Due(int bytes)
        {
            if (network is null)
            {
                return 0;
            }

            double now = (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
            double burst = SimulatedNetwork.BurstBytes * 8 / network.BitsPerSecond;
            _free = Math.Max(_free, now - burst) + (bytes * 8 / network.BitsPerSecond);
            return (long)((Math.Max(now, _free) + (network.RttMs / 2000)) * Stopwatch.Frequency);
        }

        private static void WaitUntil(long due)
        {
            while (due > 0 && Stopwatch.GetTimestamp() < due)
            {
                double left = (double)(due - Stopwatch.GetTimestamp()) / Stopwatch.Frequency;
                if (left > 2e-3)
                {
                    Thread.Sleep((int)((left * 1000) - 1));
                }
                else
                {
                    Thread.Yield();
                }
            }
        }
    }
}
