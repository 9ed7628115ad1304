using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Kits;

/// <summary>A client's kit folder: plan, addresses, pinned certificates and tokens of the three parties.</summary>
public sealed class ClientKit
{
    private readonly PartyAccess[] _parties;
    private readonly string[] _fingerprints;

    private ClientKit(byte[] plan, PartyAccess[] parties, string[] fingerprints)
    {
        Plan = plan;
        _parties = parties;
        _fingerprints = fingerprints;
    }

    /// <summary>Content of <c>plan.json</c>.</summary>
    public ReadOnlyMemory<byte> Plan { get; }

    /// <summary>SHA-256 of <c>plan.json</c>, hexadecimal.</summary>
    public string PlanHash => Convert.ToHexStringLower(SHA256.HashData(Plan.Span));

    /// <summary>Address of a party's HTTP server.</summary>
    /// <param name="party">The party.</param>
    public Uri Address(PartyId party) => new(_parties[party.Index].Address);

    /// <summary>Opens a kit.</summary>
    /// <param name="planFile">Its <c>plan.json</c>; the other files lie beside it.</param>
    /// <param name="addresses">Addresses that replace those of the kit.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged.</exception>
    public static ClientKit Open(string planFile, IReadOnlyDictionary<PartyId, Uri>? addresses = null)
    {
        (string folder, byte[] plan, ClientManifest manifest) = KitFiles.Open<ClientManifest>(planFile);
        if (manifest.Parties is not { Count: PartyId.Count } || manifest.Parties.Any(party => party.Token is null || !Uri.TryCreate(party.Address, UriKind.Absolute, out _)))
        {
            throw KitFiles.Damaged(folder, "does not give address and token of three parties; expected a client's kit");
        }

        PartyAccess[] parties = [.. manifest.Parties.Select((access, i) => addresses?.GetValueOrDefault(new PartyId(i)) is { } other ? access with { Address = other.ToString() } : access)];
        return new ClientKit(plan, parties, [.. PartyId.All.Select(party => FingerprintOf(Path.Combine(folder, KitWriter.CertificateOf(party))))]);
    }

    internal string Token(PartyId party) => _parties[party.Index].Token;

    /// <summary>Fingerprint of a party's pinned certificate.</summary>
    internal string Fingerprint(PartyId party) => _fingerprints[party.Index];

    private static string FingerprintOf(string path)
    {
        using X509Certificate2 certificate = PartyCertificate.Read(path);
        return PartyCertificate.Fingerprint(certificate);
    }
}
