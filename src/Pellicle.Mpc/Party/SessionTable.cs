using Pellicle.Mpc.Core;
using Pellicle.Mpc.Links;

namespace Pellicle.Mpc.Party;

/// <summary>What came of a request for a new session.</summary>
internal enum SessionAdmission
{
    Created,
    IdUsed,
    QueueFull,
    Stopping,
}

/// <summary>The sessions of a party, from announcement to result.</summary>
internal sealed class SessionTable(SessionJournal journal, PartyLimits limits, TimeProvider clock)
{
    private readonly object _gate = new();
    private readonly Dictionary<string, PartySession> _sessions = [];
    private readonly Queue<PartySession> _ready = new();
    private bool _isStopping;

    /// <summary>Called with each session that ends.</summary>
    public Action<PartySession>? Ended { get; set; }

    public int QueueLength => Count(session => session.State is SessionState.Waiting or SessionState.Queued);

    public int Running => Count(session => session.State == SessionState.Running);

    /// <summary>Results that nobody has fetched yet.</summary>
    public int Unfetched => Count(session => session.State == SessionState.Done);

    /// <summary>Announces a session; its id is in the journal before this returns.</summary>
    public SessionAdmission Create(string id, string client)
    {
        lock (_gate)
        {
            Purge();
            if (_isStopping)
            {
                return SessionAdmission.Stopping;
            }

            if (_sessions.Values.Count(session => session.State is SessionState.Waiting or SessionState.Queued) >= limits.Queue)
            {
                return SessionAdmission.QueueFull;
            }

            if (!journal.TryAdd(id))
            {
                return SessionAdmission.IdUsed;
            }

            _sessions[id] = new PartySession(id, client, clock.GetUtcNow());
            return SessionAdmission.Created;
        }
    }

    /// <summary>A client's session, or null.</summary>
    public PartySession? Find(string id, string client)
    {
        lock (_gate)
        {
            Purge();
            return _sessions.TryGetValue(id, out PartySession? session) && session.Client == client ? session : null;
        }
    }

    /// <summary>Claims the right to upload the input: once a session.</summary>
    public bool TryBeginUpload(PartySession session)
    {
        lock (_gate)
        {
            if (session.State != SessionState.Waiting || session.IsUploading)
            {
                return false;
            }

            session.IsUploading = true;
            return true;
        }
    }

    /// <summary>Takes the input.</summary>
    /// <returns>False if the session has ended meanwhile.</returns>
    public bool Accept(PartySession session, SharedTensor input, byte[][] hashes)
    {
        lock (_gate)
        {
            if (session.State != SessionState.Waiting)
            {
                session.Forget(input);
                return false;
            }

            session.Input = input;
            session.InputHashes = hashes;
            session.State = SessionState.Queued;
            _ready.Enqueue(session);
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>The session that has waited longest, now running; for the party that leads.</summary>
    /// <returns>Null if none is ready within the time.</returns>
    public PartySession? TakeReady(TimeSpan wait)
    {
        lock (_gate)
        {
            Purge();
            if (NextReady() is null)
            {
                Monitor.Wait(_gate, wait);
            }

            PartySession? session = NextReady();
            if (session is not null)
            {
                _ready.Dequeue();
                session.State = SessionState.Running;
            }

            return session;
        }
    }

    /// <summary>Gives back a session that could not be started.</summary>
    public void PutBack(PartySession session)
    {
        lock (_gate)
        {
            session.State = SessionState.Queued;
            _ready.Enqueue(session);
        }
    }

    /// <summary>The session that the leading party has named, now running; for the parties that follow.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="limit">How long its input may still take.</param>
    /// <param name="state">Whether it can run.</param>
    public PartySession? TakeNamed(string id, TimeSpan limit, out OpeningState state)
    {
        lock (_gate)
        {
            Purge();
            long start = clock.GetTimestamp();
            while (true)
            {
                _sessions.TryGetValue(id, out PartySession? session);
                TimeSpan left = limit - clock.GetElapsedTime(start);
                bool mayCome = session is null or { State: SessionState.Waiting };
                if (session?.State == SessionState.Queued)
                {
                    session.State = SessionState.Running;
                    state = OpeningState.Ready;
                    return session;
                }

                if (!mayCome || _isStopping || left <= TimeSpan.Zero)
                {
                    state = session is null or { State: SessionState.Waiting } ? OpeningState.NoInput : OpeningState.Withdrawn;
                    return session is { IsFinished: false, State: not SessionState.Running } ? session : null;
                }

                Monitor.Wait(_gate, left);
            }
        }
    }

    public void Complete(PartySession session, SharedTensor result) => End(session, SessionState.Done, null, result);

    public void Fail(PartySession session, string failure) => End(session, SessionState.Failed, failure, null);

    /// <summary>Ends a session that the client does not want any more.</summary>
    public void Withdraw(PartySession session)
    {
        lock (_gate)
        {
            session.IsWithdrawn = true;
            if (session.State == SessionState.Running)
            {
                return; // the lane sees the mark before the next layer
            }
        }

        Fail(session, "the client withdrew the session.");
        lock (_gate)
        {
            _sessions.Remove(session.Id);
        }
    }

    /// <summary>Hands the result out, once.</summary>
    /// <returns>Null if it was fetched already.</returns>
    public SharedTensor? TakeResult(PartySession session)
    {
        lock (_gate)
        {
            SharedTensor? result = session.Result;
            session.Result = null;
            if (result is not null)
            {
                _sessions.Remove(session.Id);
            }

            return result;
        }
    }

    /// <summary>Fails every session that waits longer than a limit.</summary>
    public void FailWaiting(TimeSpan limit, string failure)
    {
        PartySession[] stale;
        lock (_gate)
        {
            stale = [.. _sessions.Values.Where(session => session.State == SessionState.Queued && clock.GetUtcNow() - session.Created >= limit)];
        }

        Array.ForEach(stale, session => Fail(session, failure));
    }

    /// <summary>Accepts no more sessions and drops those that have not started.</summary>
    public void Stop()
    {
        PartySession[] waiting;
        lock (_gate)
        {
            _isStopping = true;
            waiting = [.. _sessions.Values.Where(session => session.State is SessionState.Waiting or SessionState.Queued)];
            Monitor.PulseAll(_gate);
        }

        Array.ForEach(waiting, session => Fail(session, "the party stops."));
    }

    /// <summary>Overwrites all shares that are left.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (PartySession session in _sessions.Values)
            {
                session.Forget(session.Input);
                session.Forget(session.Result);
            }

            _sessions.Clear();
        }
    }

    private void End(PartySession session, SessionState state, string? failure, SharedTensor? result)
    {
        lock (_gate)
        {
            if (session.IsFinished)
            {
                session.Forget(result);
                return;
            }

            session.State = state;
            session.Failure = failure;
            session.Result = result;
            session.Forget(session.Input);
            Monitor.PulseAll(_gate);
        }

        session.Finished.TrySetResult();
        Ended?.Invoke(session);
    }

    // Sessions dropped meanwhile are still in the queue; they are passed over.
    private PartySession? NextReady()
    {
        while (_ready.TryPeek(out PartySession? session))
        {
            if (session.State == SessionState.Queued)
            {
                return session;
            }

            _ready.Dequeue();
        }

        return null;
    }

    private void Purge()
    {
        DateTimeOffset now = clock.GetUtcNow();
        foreach (PartySession session in _sessions.Values.ToArray())
        {
            TimeSpan age = now - session.Created;
            if (age >= limits.Session && session.State != SessionState.Running)
            {
                session.Forget(session.Input);
                session.Forget(session.Result);
                session.State = SessionState.Failed;
                session.Finished.TrySetResult();
                _sessions.Remove(session.Id);
            }
            else if (session.State == SessionState.Waiting && !session.IsUploading && age >= 2 * limits.Body)
            {
                session.State = SessionState.Failed;
                session.Failure = $"the input did not come within {2 * limits.Body.TotalSeconds:0} s.";
                session.Finished.TrySetResult();
            }
        }
    }

    private int Count(Func<PartySession, bool> isCounted)
    {
        lock (_gate)
        {
            return _sessions.Values.Count(isCounted);
        }
    }
}
