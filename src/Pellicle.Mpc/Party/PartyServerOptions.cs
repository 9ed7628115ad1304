using System.Security.Cryptography.X509Certificates;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Links;

namespace Pellicle.Mpc.Party;

/// <summary>How a party's server is run.</summary>
public sealed record PartyServerOptions
{
    /// <summary>Where the other parties call.</summary>
    public required PeerAddress Listen { get; init; }

    /// <summary>Where to call the others: at least the parties with lower numbers.</summary>
    public required IReadOnlyDictionary<PartyId, PeerAddress> Peers { get; init; }

    /// <summary>Where clients call.</summary>
    public required PeerAddress Http { get; init; }

    /// <summary>True serves clients without TLS; on loopback only.</summary>
    public bool IsPlainHttp { get; init; }

    /// <summary>Certificate with key that clients see; null for the kit's own, which the client's kit pins.</summary>
    public X509Certificate2? HttpCertificate { get; init; }

    /// <summary>Origins of web pages that may call; none by default.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Sessions side by side; the same at all parties.</summary>
    public int Lanes { get; init; } = 1;

    /// <summary>True stops after one session.</summary>
    public bool Once { get; init; }

    /// <summary>Time limits and sizes.</summary>
    public PartyLimits Limits { get; init; } = new();

    /// <summary>Version of the program, for the health page.</summary>
    public string Version { get; init; } = "";
}
