using System.Diagnostics;
using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Links;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Party;

/// <summary>Runs sessions one after the other: P0 takes the next one that is ready and names it; the others follow. Openings → keys → compute → result.</summary>
/// <remarks>A session that cannot start leaves the links as they are. One that fails later closes both links of the lane: whatever was on its way goes with them, and
/// the next session begins on new ones. Nothing is resumed: a session id, a contribution and a key are used once.</remarks>
internal sealed class SessionLane(PartyLaneParts parts, IReadOnlyList<LinkKeeper> keepers, CancellationToken stop)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastWordLimit = TimeSpan.FromSeconds(1);

    private readonly PartyId _self = parts.Identity.Self;
    private readonly RingBuffers _buffers = new();

    /// <summary>True while a session runs.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Runs until stopped, then overwrites what sessions left in memory.</summary>
    public void Run()
    {
        try
        {
            Serve();
        }
        finally
        {
            _buffers.Clear();
        }
    }

    private void Serve()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (_self.Index == 0)
                {
                    Lead();
                }
                else
                {
                    Follow();
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void Lead()
    {
        LinkKeeper? missing = keepers.FirstOrDefault(keeper => keeper.Current is null);
        if (missing is not null)
        {
            parts.Sessions.FailWaiting(parts.Limits.Step, $"party {missing.Peer.Index} is not connected: {missing.Problem ?? "it has not called yet."}");
            missing.Wait(Tick, stop);
        }
        else if (parts.Sessions.TakeReady(Tick) is { } session)
        {
            PeerLink[] links = [.. keepers.Select(keeper => keeper.Current).OfType<PeerLink>()];
            if (links.Length == keepers.Count)
            {
                Take(session, session.IdBytes, OpeningState.Ready, links);
            }
            else
            {
                parts.Sessions.PutBack(session);
            }
        }
    }

    private void Follow()
    {
        LinkKeeper toLeader = keepers.First(keeper => keeper.Peer.Index == 0), toOther = keepers.First(keeper => keeper.Peer.Index != 0);
        PeerLink? leader = toLeader.Wait(Tick, stop);
        if (leader is null)
        {
            return;
        }

        try
        {
            leader.Opening.Wait(stop);
        }
        catch (AggregateException)
        {
            leader.Dispose(); // gone, or talking nonsense: the keeper makes a new link
            return;
        }

        byte[] id = leader.Opening.Result.Session;
        PeerLink? other = toOther.Wait(parts.Limits.Handshake, stop);
        PartySession? session = parts.Sessions.TakeNamed(Convert.ToHexStringLower(id), parts.Limits.Body, out OpeningState state);
        Take(session, id, other is null ? OpeningState.NotConnected : state, other is null ? [leader] : [leader, other]);
    }

    private void Take(PartySession? session, byte[] id, OpeningState state, PeerLink[] links)
    {
        IsBusy = true;
        long start = Stopwatch.GetTimestamp();
        using var network = new SessionNetwork(_self, parts.Program.PlanId, links);
        try
        {
            byte[][] own = Array.ConvertAll(links, _ => Contribution());
            for (int i = 0; i < links.Length; i++)
            {
                byte[] inputHash = session is null || state != OpeningState.Ready ? new byte[SHA256.HashSizeInBytes] : InputHash(session, links[i].Peer);
                links[i].Send(new SessionOpening(id, state, own[i], inputHash).ToBytes(), []);
                links[i].Flush();
            }

            SessionOpening[] theirs = Array.ConvertAll(links, Opening);
            if (WhyNot(id, state, links, theirs) is { } reason)
            {
                // After a full exchange of openings nothing is on its way. Without a third party that cannot be known.
                if (Array.TrueForAll([state, .. theirs.Select(opening => opening.State)], one => one != OpeningState.NotConnected))
                {
                    network.Keep();
                }

                End(session, reason, start);
                return;
            }

            CompareInputs(session!, links, theirs);
            (PairwiseSeed first, PairwiseSeed second) = Keys(id, links, own, theirs);
            using (first)
            using (second)
            {
                ITensorProtocol protocol = parts.Program.Protocol.Join(network.Messages, first, second, _buffers);
                (SharedTensor result, IReadOnlyList<LayerState> layers) = parts.Program.Run(protocol, session!.Input!, layer => Enter(session, layer, network.Messages));
                network.Messages.Drain();
                session.Layers = layers;
                parts.Sessions.Complete(session, result);
                parts.Log.Write(new PartyEvent("session") { Session = session.ShortId, Client = session.Client, State = "done", Rounds = protocol.Traffic.Rounds, Bytes = protocol.Traffic.Bytes, Seconds = Seconds(start) });
            }

            network.Keep();
        }
        catch (PellicleException e)
        {
            End(session, Explain(e, session, network, links), start);
        }
#pragma warning disable CA1031 // A bug in one session must end that session at all parties, not the server.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            network.End(_self);
            End(session, $"party {_self.Index} failed: {e.GetType().Name}.", start);
        }
        finally
        {
            IsBusy = false;
        }
    }

    private string? WhyNot(byte[] id, OpeningState state, PeerLink[] links, SessionOpening[] theirs)
    {
        for (int i = 0; i < theirs.Length; i++)
        {
            if (!theirs[i].Session.AsSpan().SequenceEqual(id))
            {
                throw new ProtocolException($"party {links[i].Peer.Index} opened another session.", "Start a new session.") { Party = links[i].Peer.Index };
            }
        }

        if (state != OpeningState.Ready)
        {
            return Text(state, _self);
        }

        int first = Array.FindIndex(theirs, opening => opening.State != OpeningState.Ready);
        return first < 0 ? null : Text(theirs[first].State, links[first].Peer);
    }

    private static string Text(OpeningState state, PartyId party) => state switch
    {
        OpeningState.NoInput => $"party {party.Index} did not get its part of the input in time.",
        OpeningState.NotConnected => $"party {party.Index} is not connected to all others.",
        _ => $"the session was withdrawn at party {party.Index}.",
    };

    // Both holders of a slot must have got the same one: a client that gives different copies would get a result that belongs to no image.
    private void CompareInputs(PartySession session, PeerLink[] links, SessionOpening[] theirs)
    {
        for (int i = 0; i < links.Length; i++)
        {
            if (!CryptographicOperations.FixedTimeEquals(theirs[i].InputHash, InputHash(session, links[i].Peer)))
            {
                throw new ProtocolException($"this party and party {links[i].Peer.Index} got different copies of the same part of the input.", "Check the client: all three parts must come from one image.");
            }
        }
    }

    // Of the slot that both hold; zeros if the protocol gives no slot to both.
    private byte[] InputHash(PartySession session, PartyId peer)
    {
        ShareLayout layout = parts.Program.Protocol.Scheme().Input;
        return layout.Common(_self, peer) is [int slot, ..] ? session.InputHashes[layout.PositionOf(_self, slot)] : new byte[SHA256.HashSizeInBytes];
    }

    private SessionOpening Opening(PeerLink link)
    {
        TimeSpan limit = parts.Limits.Step + parts.Limits.Body + parts.Limits.Handshake;
        try
        {
            return link.Opening.Wait((int)limit.TotalMilliseconds, stop) ? link.Opening.Result : throw StreamChannel.TimedOut(link.Peer, limit);
        }
        catch (AggregateException e) when (e.InnerException is ProtocolException known)
        {
            throw new ProtocolException(known.Message, known.Hint, inner: known) { Party = known.Party };
        }
    }

    private (PairwiseSeed First, PairwiseSeed Second) Keys(byte[] id, PeerLink[] links, byte[][] own, SessionOpening[] theirs)
    {
        var keys = new PairwiseSeed[PartyId.Count];
        for (int i = 0; i < links.Length; i++)
        {
            PartyId peer = links[i].Peer;
            int index = LinkIdentity.SharedKey(_self, peer);
            bool isLow = _self.Index < peer.Index;
            byte[] key = PairKey.Derive(new PairKeyInputs(
                parts.Identity.PlanHash, id, index,
                isLow ? own[i] : theirs[i].Contribution, isLow ? theirs[i].Contribution : own[i],
                isLow ? parts.Identity.BootNonce : links[i].PeerNonce, isLow ? links[i].PeerNonce : parts.Identity.BootNonce));
            parts.KeyDerived?.Invoke(index, key);
            keys[index] = new PairwiseSeed(key);
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(own[i]);
            CryptographicOperations.ZeroMemory(theirs[i].Contribution);
        }

        return (keys[_self.Index], keys[_self.Next.Index]);
    }

    private void Enter(PartySession session, string layer, PartyNetwork network)
    {
        stop.ThrowIfCancellationRequested();
        session.Layer = layer;
        session.Step = network.Step;
        if (session.IsWithdrawn)
        {
            throw new ProtocolException("the client withdrew the session.", "Start a new session.") { Party = _self.Index };
        }
    }

    // The first party that notices tells the others because of whom it stops; whoever only sees the consequence asks for the cause.
    private string Explain(PellicleException failure, PartySession? session, SessionNetwork network, PeerLink[] links)
    {
        var cause = new PartyId((failure as ProtocolException)?.Party ?? _self.Index);
        network.End(cause);
        PeerLink? silent = Array.Find(links, link => link.Peer == cause);
        PellicleException final = silent?.LastWord(LastWordLimit) ?? failure;
        string place = session?.Layer is null ? "" : $" at step {network.Messages.Step}, layer {session.Layer}";
        return final.Message.TrimEnd('.') + place + ".";
    }

    private void End(PartySession? session, string reason, long start)
    {
        if (session is not null)
        {
            parts.Sessions.Fail(session, reason);
        }

        parts.Log.Write(new PartyEvent("session") { Session = session?.ShortId, Client = session?.Client, State = "failed", Message = reason, Seconds = Seconds(start) });
    }

    private byte[] Contribution()
    {
        byte[] bytes = new byte[SessionOpening.ContributionBytes];
        parts.Random.Fill(bytes);
        return bytes;
    }

    private static double Seconds(long start) => Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 4);
}

/// <summary>What all lanes of a party share.</summary>
internal sealed record PartyLaneParts(PartyProgram Program, LinkIdentity Identity, PartyLimits Limits, SessionTable Sessions, ISecureRandom Random, PartyLog Log)
{
    /// <summary>Called with index and each session key; for tests that look for repeated keys.</summary>
    public Action<int, byte[]>? KeyDerived { get; init; }

    public override string ToString() => $"parts of party {Identity.Self.Index}";
}

/// <summary>The links of one session: kept for the next one if the session ended well, closed otherwise.</summary>
internal sealed class SessionNetwork(PartyId self, uint planId, IReadOnlyList<PeerLink> links) : IDisposable
{
    private bool _isKept;

    public PartyNetwork Messages { get; } = new(self, planId, [.. links]);

    /// <summary>Waits for the next session on the same links.</summary>
    public void Keep()
    {
        _isKept = true;
        foreach (PeerLink link in links)
        {
            link.Rearm();
        }
    }

    /// <summary>Tells the others that the session is over.</summary>
    public void End(PartyId cause)
    {
        foreach (PeerLink link in links.Where(link => link.Peer != cause))
        {
            Messages.End(link.Peer, cause);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isKept)
        {
            Messages.Dispose();
        }
    }
}
