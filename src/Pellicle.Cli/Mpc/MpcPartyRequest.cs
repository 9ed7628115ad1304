using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;

namespace Pellicle.Cli.Mpc;

/// <summary>What <c>mpc party</c> is asked to do.</summary>
internal sealed record MpcPartyRequest
{
    /// <summary><c>plan.json</c> of the party's kit.</summary>
    public required string Plan { get; init; }

    /// <summary>Which party.</summary>
    public required PartyId Party { get; init; }

    /// <summary>PEM file with certificate and key for clients; null for the kit's own.</summary>
    public string? HttpCertificate { get; init; }

    /// <summary>Addresses and limits.</summary>
    public required PartyServerOptions Server { get; init; }
}
