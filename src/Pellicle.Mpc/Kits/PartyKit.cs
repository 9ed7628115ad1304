using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Kits;

/// <summary>A party's kit folder: plan, own key, certificates of the others, weight shares, clients.</summary>
public sealed class PartyKit : IDisposable
{
    private readonly PartyManifest _manifest;

    private PartyKit(string folder, PartyId party, byte[] plan, PartyManifest manifest)
    {
        Folder = folder;
        Party = party;
        Plan = plan;
        _manifest = manifest;
        Certificate = PartyCertificate.ReadWithKey(Path.Combine(folder, KitWriter.CertificateFile), Path.Combine(folder, KitWriter.KeyFile));
        Peers = new[] { party.Next, party.Previous }.ToDictionary(peer => peer, peer => PartyCertificate.Read(Path.Combine(folder, KitWriter.CertificateOf(peer))));
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Whose it is.</summary>
    public PartyId Party { get; }

    /// <summary>Content of <c>plan.json</c>.</summary>
    public ReadOnlyMemory<byte> Plan { get; }

    /// <summary>SHA-256 of <c>plan.json</c>, hexadecimal.</summary>
    public string PlanHash => Convert.ToHexStringLower(SHA256.HashData(Plan.Span));

    /// <summary>Own certificate with key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Pinned certificates of the two others.</summary>
    public IReadOnlyDictionary<PartyId, X509Certificate2> Peers { get; }

    /// <summary>Who may ask for predictions.</summary>
    internal IReadOnlyList<AllowedClient> Clients => _manifest.Clients;

    /// <summary>What the weights were split for.</summary>
    public MpcProtocol Protocol => MpcProtocols.Parse(_manifest.Protocol);

    /// <summary>SHA-256 of the weight file that a peer holds too; zeros if there is none.</summary>
    /// <param name="peer">Another party.</param>
    internal byte[] WeightHash(PartyId peer) => Protocol.Scheme().Weights.Common(Party, peer) is [int slot, ..]
        ? Convert.FromHexString(_manifest.Weights.First(w => w.Slot == slot).Sha256)
        : new byte[SHA256.HashSizeInBytes];

    /// <summary>Opens a kit.</summary>
    /// <param name="planFile">Its <c>plan.json</c>; the other files lie beside it.</param>
    /// <param name="party">The party that it must belong to.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged, or the kit is another party's.</exception>
    public static PartyKit Open(string planFile, PartyId party)
    {
        (string folder, byte[] plan, PartyManifest manifest) = KitFiles.Open<PartyManifest>(planFile);
        if (manifest.Party != party.Index)
        {
            throw new DataFormatException($"{folder}: the kit of party {manifest.Party}; expected that of party {party.Index} (--id {party.Index}).", $"Give --id {manifest.Party}, or the plan.json of party {party.Index}.");
        }

        bool isComplete = HasSlots(manifest, party) && manifest.Clients is not null && manifest.Clients.All(client => client.Name is not null && IsHash(client.TokenSha256))
            && manifest.Weights.All(slot => slot.Kind is WeightShares.SeedKind or WeightShares.DataKind && IsHash(slot.Sha256) && Path.GetFileName(slot.File) == slot.File);
        return isComplete ? new PartyKit(folder, party, plan, manifest) : throw KitFiles.Damaged(folder, "does not name the weight slots of this party and its clients");
    }

    /// <summary>Reads this party's part of the weights.</summary>
    /// <param name="counts">Ring elements of each secret of the plan.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged.</exception>
    public IReadOnlyList<SharedTensor> ReadWeights(IReadOnlyList<int> counts) => WeightShares.Read(Folder, _manifest.Weights, counts, Protocol.Scheme());

    // Of a protocol of three parties, the slots that its layout gives to this one.
    private static bool HasSlots(PartyManifest manifest, PartyId party) => manifest.Weights is not null && Enum.GetValues<MpcProtocol>().Any(
        protocol => protocol != MpcProtocol.Plain && protocol.Name() == manifest.Protocol && manifest.Weights.Select(w => w.Slot).SequenceEqual(protocol.Scheme().Weights.Holders[party.Index]));

    private static bool IsHash(string? text) => text?.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        foreach (X509Certificate2 peer in Peers.Values)
        {
            peer.Dispose();
        }
    }
}
