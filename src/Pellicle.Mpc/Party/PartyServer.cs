using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Http;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Links;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Party;

/// <summary>One party as a long-running server: links to the two others, an HTTP address for clients, and lanes that run sessions.</summary>
/// <remarks>Listen → connect → admit sessions → run them → stop without cutting one short. Nothing of a session outlives it except its id in the journal.</remarks>
public sealed class PartyServer : IDisposable
{
    private const int LaneStackBytes = 16 << 20;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly PartyServerOptions _options;
    private readonly PartyProgram _program;
    private readonly PartyLog _log;
    private readonly TimeProvider _clock;
    private readonly SessionJournal _journal;
    private readonly SessionTable _sessions;
    private readonly PartyMesh _mesh;
    private readonly PartyHttpServer _http;
    private readonly SessionLane[] _lanes;
    private readonly CancellationTokenSource _end = new();
    private int _done;
    private int _failed;

    /// <summary>Opens the addresses; nothing is served before <see cref="Run"/>.</summary>
    /// <param name="kit">The party's kit.</param>
    /// <param name="program">What every session computes.</param>
    /// <param name="options">Addresses and limits.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">Takes one line of JSON an event.</param>
    /// <exception cref="EnvironmentException">An address or the kit folder is in use.</exception>
    public PartyServer(PartyKit kit, PartyProgram program, PartyServerOptions options, ISecureRandom random, TimeProvider clock, TextWriter log)
        : this(kit, program, options, random, clock, log, null)
    {
    }

    internal PartyServer(PartyKit kit, PartyProgram program, PartyServerOptions options, ISecureRandom random, TimeProvider clock, TextWriter log, Action<int, byte[]>? keyDerived)
    {
        ArgumentNullException.ThrowIfNull(kit);
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(options);
        Check(kit, program, options);
        _options = options;
        _program = program;
        _clock = clock;
        _log = new PartyLog(kit.Party, log, clock);
        _journal = new SessionJournal(Path.Combine(kit.Folder, "sessions.journal"));
        _sessions = new SessionTable(_journal, options.Limits, clock);
        var identity = LinkIdentity.Of(kit, program.PlanHash, options.Lanes, random);
        try
        {
            _mesh = new PartyMesh(options, identity, _log, clock);
        }
        catch
        {
            _journal.Dispose();
            throw;
        }

        var parts = new PartyLaneParts(program, identity, options.Limits, _sessions, random, _log) { KeyDerived = keyDerived };
        _lanes = [.. _mesh.Keepers.Select(keepers => new SessionLane(parts, keepers, _end.Token))];
        _http = new PartyHttpServer(kit, program, options, _sessions, _mesh, _log, clock);
    }

    /// <summary>Where the other parties call.</summary>
    public PeerAddress Address => _mesh.Address;

    /// <summary>Where clients call; known once <see cref="Run"/> has started.</summary>
    public Uri? HttpAddress => _http.Address;

    /// <summary>Sessions that gave a result.</summary>
    public int SessionsDone => Volatile.Read(ref _done);

    /// <summary>Sessions that ended without one.</summary>
    public int SessionsFailed => Volatile.Read(ref _failed);

    /// <summary>Serves until stopped, or until one session is over with <see cref="PartyServerOptions.Once"/>.</summary>
    /// <param name="stop">Ends it: no new sessions, running ones may finish.</param>
    /// <exception cref="OperationCanceledException">A session was cut short.</exception>
    public void Run(CancellationToken stop)
    {
        _sessions.Ended = session => _ = session.State == SessionState.Done ? Interlocked.Increment(ref _done) : Interlocked.Increment(ref _failed);
        Task links = _mesh.RunAsync(_end.Token);
        _http.Start();
        _log.Write(new PartyEvent("started") { Address = _mesh.Address.ToString(), PlanHash = _program.PlanHash[..8] });
        _log.Write(new PartyEvent("listening") { Address = _http.Address!.ToString() });
        Thread[] threads = [.. _lanes.Select((lane, i) => new Thread(lane.Run, LaneStackBytes) { IsBackground = true, Name = $"lane {i}" })];
        Array.ForEach(threads, thread => thread.Start());
        while (!stop.WaitHandle.WaitOne(Tick) && !(_options.Once && SessionsDone + SessionsFailed > 0 && IsQuiet))
        {
        }

        bool isCut = !Drain();
        _end.Cancel();
        Array.ForEach(threads, thread => thread.Join(_options.Limits.Handshake));
        _http.Stop();
        try
        {
            links.Wait(_options.Limits.Handshake, CancellationToken.None);
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OperationCanceledException or ObjectDisposedException))
        {
            // Cancelled, as asked.
        }

        _sessions.Clear();
        _log.Write(new PartyEvent("stopped") { State = isCut ? "cut" : "clean" });
        if (isCut)
        {
            throw new OperationCanceledException("a session was cut short.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _http.Dispose();
        _mesh.Dispose();
        _journal.Dispose();
        _end.Dispose();
    }

    private bool IsQuiet => !_lanes.Any(lane => lane.IsBusy) && _sessions.Unfetched == 0;

    // No new sessions; those that run may finish, and their results may be fetched.
    private bool Drain()
    {
        _log.Write(new PartyEvent("stopping"));
        _sessions.Stop();
        long start = _clock.GetTimestamp();
        while (!IsQuiet && _clock.GetElapsedTime(start) < _options.Limits.Drain)
        {
            Thread.Sleep(Tick);
        }

        return !_lanes.Any(lane => lane.IsBusy);
    }

    private static void Check(PartyKit kit, PartyProgram program, PartyServerOptions options)
    {
        var problems = new List<Problem>();
        if (kit.Protocol != program.Protocol)
        {
            problems.Add(new Problem("--plan", $"kit.json has weight shares for {kit.Protocol.Name()}, plan.json is for {program.Protocol.Name()}.", "Copy the party's kit folder again: both must come from the same kits."));
        }

        foreach (PartyId peer in PartyId.All.Where(peer => peer != kit.Party && !LinkIdentity.IsCalled(kit.Party, peer) && !options.Peers.ContainsKey(peer)))
        {
            problems.Add(new Problem("--peer", $"--peer {peer.Index}=HOST:PORT is missing; party {kit.Party.Index} calls the parties with lower numbers.", $"Give the --listen address of party {peer.Index}."));
        }

        if (options.IsPlainHttp && !System.Net.IPAddress.IsLoopback(options.Http.ToEndPoint("--http").Address))
        {
            problems.Add(new Problem("--http", $"--http is 'http://{options.Http}': without TLS on a network, anybody on the way could read tokens and shares.", "Give --http without 'http://', or an address of 127.0.0.1."));
        }

        if (problems.Count > 0)
        {
            throw new UsageException(problems[0].Message, problems[0].Hint, problems);
        }
    }
}
