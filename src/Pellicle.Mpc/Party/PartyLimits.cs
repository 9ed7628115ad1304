namespace Pellicle.Mpc.Party;

/// <summary>Limits of a party's server: how long it waits, and how much it takes.</summary>
public sealed record PartyLimits
{
    /// <summary>For one message of another party.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For TLS and greeting of a new link.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For the body of a request.</summary>
    public TimeSpan Body { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For a session from its announcement by the client until its result is fetched.</summary>
    public TimeSpan Session { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>For sessions that run when the server is asked to stop.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sessions that wait, at most.</summary>
    public int Queue { get; init; } = 16;

    /// <summary>New sessions of one client in a minute, at most.</summary>
    public int Rate { get; init; } = 60;

    /// <summary>Open HTTP connections, at most.</summary>
    public int Connections { get; init; } = 64;
}
