namespace Pellicle.Mpc.Kits;

/// <summary><c>kit.json</c> of a party: what lies in its folder.</summary>
/// <param name="Version">Version of this description.</param>
/// <param name="Party">0, 1 or 2.</param>
/// <param name="Weights">The slots of the weights that this party holds, in its order.</param>
/// <param name="Clients">Who may ask for predictions.</param>
/// <param name="Protocol">What the slots are for; kits of earlier versions do not say.</param>
internal sealed record PartyManifest(int Version, int Party, IReadOnlyList<WeightSlot> Weights, IReadOnlyList<AllowedClient> Clients, string Protocol = "replicated3");

/// <summary>One slot of the weights.</summary>
/// <param name="Slot">Number in the layout of the protocol.</param>
/// <param name="Kind"><c>seed</c> (16 bytes, expanded) or <c>data</c> (ring elements, little-endian).</param>
/// <param name="File">Name of the file in the kit folder.</param>
/// <param name="Sha256">Of the file, hexadecimal.</param>
internal sealed record WeightSlot(int Slot, string Kind, string File, string Sha256);

/// <summary>A client.</summary>
/// <param name="Name">For the log.</param>
/// <param name="TokenSha256">SHA-256 of its bearer token at this party, hexadecimal.</param>
internal sealed record AllowedClient(string Name, string TokenSha256);

/// <summary><c>kit.json</c> of a client.</summary>
/// <param name="Version">Version of this description.</param>
/// <param name="Parties">P0, P1, P2.</param>
internal sealed record ClientManifest(int Version, IReadOnlyList<PartyAccess> Parties);

/// <summary>How a client reaches one party.</summary>
/// <param name="Address">Such as <c>https://127.0.0.1:7200</c>.</param>
/// <param name="Token">Bearer token, different at each party.</param>
internal sealed record PartyAccess(string Address, string Token)
{
    /// <summary>Address only: the token must not get into a log.</summary>
    public override string ToString() => $"party at {Address}, token of {Token.Length} letters";
}

/// <summary><c>record.json</c> of the model owner: what was given out, without keys and weights.</summary>
/// <param name="PlanHash">SHA-256 of the plan.</param>
/// <param name="Created">When.</param>
/// <param name="Certificates">Fingerprints of P0, P1, P2.</param>
/// <param name="WeightFiles">SHA-256 of the weight files, in the order of the slots.</param>
internal sealed record OwnerRecord(string PlanHash, DateTimeOffset Created, IReadOnlyList<string> Certificates, IReadOnlyList<string> WeightFiles);
