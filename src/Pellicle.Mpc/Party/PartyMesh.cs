using System.Net;
using System.Net.Sockets;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Links;

namespace Pellicle.Mpc.Party;

/// <summary>All links of a party: calls the parties with lower numbers, answers those with higher ones, and does so again whenever a link is lost.</summary>
internal sealed class PartyMesh : IDisposable
{
    private const int MostHandshakes = 16;

    private readonly PartyServerOptions _options;
    private readonly LinkIdentity _identity;
    private readonly LinkSecurity _security;
    private readonly PartyLog _log;
    private readonly Socket _listener;
    private readonly SemaphoreSlim _handshakes = new(MostHandshakes);

    public PartyMesh(PartyServerOptions options, LinkIdentity identity, PartyLog log, TimeProvider clock)
    {
        _options = options;
        _identity = identity;
        _log = log;
        _security = new LinkSecurity(identity, options.Limits.Handshake, options.Limits.Step);
        PartyId[] peers = [.. PartyId.All.Where(peer => peer != identity.Self)];
        Keepers = [.. Enumerable.Range(0, options.Lanes).Select(lane => (IReadOnlyList<LinkKeeper>)[.. peers.Select(peer => new LinkKeeper(peer, lane, options.Peers.GetValueOrDefault(peer), _security, clock, Report))])];
        IPEndPoint address = options.Listen.ToEndPoint("--listen");
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(address);
            _listener.Listen(MostHandshakes);
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new EnvironmentException($"cannot listen on {options.Listen}: {e.Message}.", "Another program uses the port, or the address is not one of this machine: give another --listen.", inner: e);
        }
    }

    /// <summary>Links by lane; two a lane.</summary>
    public IReadOnlyList<IReadOnlyList<LinkKeeper>> Keepers { get; }

    /// <summary>Where it listens; the port that the system chose, if it was asked to.</summary>
    public PeerAddress Address => _options.Listen with { Port = ((IPEndPoint)_listener.LocalEndPoint!).Port };

    /// <summary>What is missing, in words; empty if every link is up.</summary>
    public IReadOnlyList<string> Problems => [.. Keepers.SelectMany(lane => lane).Where(keeper => keeper.Current is null).Select(keeper => $"party {keeper.Peer.Index} is not connected{(keeper.Problem is null ? "" : $": {keeper.Problem}")}").Distinct()];

    /// <summary>Starts calling and answering.</summary>
    /// <param name="stop">Ends both.</param>
    /// <returns>Completes when both have ended.</returns>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Keepers.SelectMany(lane => lane).Where(keeper => !LinkIdentity.IsCalled(_identity.Self, keeper.Peer)).Select(keeper => keeper.CallAsync(stop)).Append(AnswerAsync(stop)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        foreach (LinkKeeper keeper in Keepers.SelectMany(lane => lane))
        {
            keeper.Dispose();
        }
    }

    private async Task AnswerAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(stop).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                continue; // the caller has gone again
            }

            await _handshakes.WaitAsync(stop).ConfigureAwait(false);
            _ = GreetAsync(socket, stop);
        }
    }

    private async Task GreetAsync(Socket socket, CancellationToken stop)
    {
        try
        {
            (PeerLink link, int lane) = await _security.AcceptAsync(socket, stop).ConfigureAwait(false);
            Keepers[lane].First(keeper => keeper.Peer == link.Peer).Take(link);
        }
        catch (ProtocolException e)
        {
            foreach (LinkKeeper keeper in Keepers.SelectMany(lane => lane).Where(keeper => keeper.Current is null && (e.Party is null || e.Party == keeper.Peer.Index)))
            {
                keeper.Refuse(e.Message);
            }

            _log.Write(new PartyEvent("refused") { Peer = e.Party, Message = $"{e.Message} {e.Hint}" });
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
        }
        finally
        {
            _handshakes.Release();
        }
    }

    private void Report(LinkKeeper keeper, string state) =>
        _log.Write(new PartyEvent("link") { Peer = keeper.Peer.Index, State = state is "connected" or "disconnected" ? state : "failed", Message = state is "connected" or "disconnected" ? null : state });
}
