using System.Security.Cryptography.X509Certificates;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;

namespace Pellicle.Mpc.Links;

/// <summary>What a party shows to the others, and what it expects of them.</summary>
internal sealed record LinkIdentity
{
    /// <summary>Random bytes drawn at the start of a process.</summary>
    public const int NonceBytes = 16;

    public required PartyId Self { get; init; }

    /// <summary>Own certificate with key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Pinned certificates of the two others.</summary>
    public required IReadOnlyDictionary<PartyId, X509Certificate2> Peers { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required byte[] PlanHash { get; init; }

    /// <summary>SHA-256 of the weight file of the slot that is shared with a peer; zeros if the protocol gives them none in common.</summary>
    public required Func<PartyId, byte[]> WeightHash { get; init; }

    /// <summary>Sessions that run side by side; the same at all parties.</summary>
    public required int Lanes { get; init; }

    /// <summary>Fresh at every start of the process.</summary>
    public required byte[] BootNonce { get; init; }

    /// <summary>The identity that a kit gives.</summary>
    public static LinkIdentity Of(PartyKit kit, string planHash, int lanes, ISecureRandom random)
    {
        byte[] nonce = new byte[NonceBytes];
        random.Fill(nonce);
        return new LinkIdentity
        {
            Self = kit.Party,
            Certificate = kit.Certificate,
            Peers = kit.Peers,
            PlanHash = Convert.FromHexString(planHash),
            WeightHash = peer => kit.WeightHash(peer),
            Lanes = lanes,
            BootNonce = nonce,
        };
    }

    /// <summary>The key that two parties have in common: that of the party which follows the other.</summary>
    public static int SharedKey(PartyId a, PartyId b) => a.Next == b ? b.Index : a.Index;

    /// <summary>The one of two parties that is called; the other one calls.</summary>
    public static bool IsCalled(PartyId self, PartyId peer) => self.Index < peer.Index;

    /// <summary>Party, plan and kind; never keys.</summary>
    public override string ToString() => $"identity of {Self}";
}
