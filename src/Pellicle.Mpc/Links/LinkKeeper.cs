using System.Net.Sockets;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Links;

/// <summary>Keeps one link to one peer alive: calls again with growing pauses, or takes what the listener accepted.</summary>
/// <remarks>A newer link of the same peer replaces an older one: the peer would not call if it still had the old one.</remarks>
internal sealed class LinkKeeper(PartyId peer, int lane, PeerAddress? address, LinkSecurity security, TimeProvider clock, Action<LinkKeeper, string> report) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private PeerLink? _current;
    private bool _isStopped;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PartyId Peer => peer;

    public int Lane => lane;

    /// <summary>Why there is no link; null while there is one, or before the first attempt.</summary>
    public string? Problem { get; private set; }

    /// <summary>The live link, or null.</summary>
    public PeerLink? Current
    {
        get
        {
            lock (_gate)
            {
                return _current is { Closed.IsCompleted: false } ? _current : null;
            }
        }
    }

    /// <summary>Waits for a link.</summary>
    /// <param name="limit">How long.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>The link, or null if none came.</returns>
    public PeerLink? Wait(TimeSpan limit, CancellationToken stop)
    {
        long start = clock.GetTimestamp();
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            if (Current is { } link)
            {
                return link;
            }

            TimeSpan left = limit - clock.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || !changed.Wait((int)Math.Min(left.TotalMilliseconds + 1, int.MaxValue), stop))
            {
                return null;
            }
        }
    }

    /// <summary>Takes a new link.</summary>
    /// <param name="link">Authenticated.</param>
    public void Take(PeerLink link)
    {
        PeerLink? old;
        lock (_gate)
        {
            if (_isStopped)
            {
                old = link;
            }
            else
            {
                old = _current;
                _current = link;
                Problem = null;
                _changed.TrySetResult();
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        old?.Dispose();
        if (old != link)
        {
            report(this, "connected");
            _ = WatchAsync(link);
        }
    }

    /// <summary>Remembers why no link came.</summary>
    /// <param name="problem">For the health page.</param>
    public void Refuse(string problem) => Problem = problem;

    /// <summary>Calls until stopped; for the end that calls.</summary>
    /// <param name="stop">Ends it.</param>
    public async Task CallAsync(CancellationToken stop)
    {
        TimeSpan pause = FirstPause;
        string? reported = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                PeerLink link = await ConnectAsync(stop).ConfigureAwait(false);
                Take(link);
                (pause, reported) = (FirstPause, null);
                await link.Closed.WaitAsync(stop).ConfigureAwait(false);

                // A peer that ends links as soon as they are made must not be called in a tight loop.
                await Task.Delay(TimeSpan.FromMilliseconds(50), clock, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ProtocolException or SocketException)
            {
                Problem = e is ProtocolException ? e.Message : $"party {peer.Index} cannot be reached at {address}: {e.Message}.";
                if (Problem != reported)
                {
                    report(this, Problem);
                    reported = Problem;
                }

                await Task.Delay(pause, clock, stop).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        PeerLink? old;
        lock (_gate)
        {
            _isStopped = true;
            old = _current;
            _current = null;
        }

        old?.Dispose();
    }

    private async Task WatchAsync(PeerLink link)
    {
        await link.Closed.ConfigureAwait(false);
        link.Dispose();
        report(this, "disconnected");
    }

    private async Task<PeerLink> ConnectAsync(CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Blocking, on another thread: see LinkSecurity.
            using CancellationTokenRegistration closing = stop.Register(socket.Dispose);
            await Task.Factory.StartNew(() => socket.Connect(address!.Host, address.Port), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            stop.ThrowIfCancellationRequested();
            throw;
        }

        return (await security.CallAsync(socket, peer, lane, stop).ConfigureAwait(false)).Link;
    }
}
