namespace Pellicle.Mpc.Party;

/// <summary>How often a client may start sessions, and when it is blocked for sending garbage.</summary>
internal sealed class ClientLimits(int perMinute, TimeProvider clock)
{
    private const int ViolationsToBlock = 3;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BlockTime = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<DateTimeOffset>> _requests = [];
    private readonly Dictionary<string, Queue<DateTimeOffset>> _violations = [];
    private readonly Dictionary<string, DateTimeOffset> _blocked = [];

    /// <summary>Counts a new session.</summary>
    /// <returns>False if the client started too many in the last minute.</returns>
    public bool TryStart(string client)
    {
        lock (_gate)
        {
            Queue<DateTimeOffset> times = Recent(_requests, client);
            if (times.Count >= perMinute)
            {
                return false;
            }

            times.Enqueue(clock.GetUtcNow());
            return true;
        }
    }

    /// <summary>Counts garbage: three in a minute block the client for ten.</summary>
    /// <returns>True if it is blocked from now on.</returns>
    public bool CountViolation(string client)
    {
        lock (_gate)
        {
            Queue<DateTimeOffset> times = Recent(_violations, client);
            times.Enqueue(clock.GetUtcNow());
            if (times.Count < ViolationsToBlock)
            {
                return false;
            }

            _blocked[client] = clock.GetUtcNow() + BlockTime;
            times.Clear();
            return true;
        }
    }

    public bool IsBlocked(string client)
    {
        lock (_gate)
        {
            return _blocked.TryGetValue(client, out DateTimeOffset until) && clock.GetUtcNow() < until;
        }
    }

    private Queue<DateTimeOffset> Recent(Dictionary<string, Queue<DateTimeOffset>> all, string client)
    {
        if (!all.TryGetValue(client, out Queue<DateTimeOffset>? times))
        {
            all[client] = times = new Queue<DateTimeOffset>();
        }

        while (times.Count > 0 && clock.GetUtcNow() - times.Peek() >= Window)
        {
            times.Dequeue();
        }

        return times;
    }
}
