using System.Buffers.Binary;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Links;

/// <summary>First message on a new link, in both directions: who calls, and on what both must agree before any share moves.</summary>
/// <param name="Version">Version of the link protocol.</param>
/// <param name="From">The sender.</param>
/// <param name="To">Whom it means to talk to.</param>
/// <param name="Lane">Which of the links between the two.</param>
/// <param name="Lanes">Sessions side by side.</param>
/// <param name="PlanHash">SHA-256 of the plan.</param>
/// <param name="WeightHash">SHA-256 of the weight file that both hold.</param>
/// <param name="BootNonce">Of the sender's process.</param>
internal sealed record LinkGreeting(int Version, int From, int To, int Lane, int Lanes, byte[] PlanHash, byte[] WeightHash, byte[] BootNonce)
{
    public const int CurrentVersion = 1;
    public const int Size = 8 + 8 + 32 + 32 + LinkIdentity.NonceBytes;

    private static ReadOnlySpan<byte> Magic => "PELLINK\n"u8;

    public static LinkGreeting Own(LinkIdentity identity, PartyId peer, int lane) =>
        new(CurrentVersion, identity.Self.Index, peer.Index, lane, identity.Lanes, identity.PlanHash, identity.WeightHash(peer), identity.BootNonce);

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)Version);
        bytes[10] = (byte)From;
        bytes[11] = (byte)To;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), (ushort)Lane);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), (ushort)Lanes);
        PlanHash.CopyTo(bytes, 16);
        WeightHash.CopyTo(bytes, 48);
        BootNonce.CopyTo(bytes, 80);
        return bytes;
    }

    /// <summary>Reads a greeting and compares it with the own one, field by field.</summary>
    /// <exception cref="ProtocolException">A field differs.</exception>
    public static LinkGreeting Verified(ReadOnlySpan<byte> bytes, PartyId peer, LinkIdentity own, int? lane)
    {
        if (!bytes[..8].SequenceEqual(Magic))
        {
            throw Refused(peer, "does not speak the link protocol", "", "", "Check the address: --peer takes the --listen address of a party, not its --http address.");
        }

        var found = new LinkGreeting(
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]), bytes[10], bytes[11],
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]),
            bytes[16..48].ToArray(), bytes[48..80].ToArray(), bytes[80..Size].ToArray());
        if (found.Version != CurrentVersion)
        {
            throw Refused(peer, "uses another version of the link protocol", $"{found.Version}", $"{CurrentVersion}", "Install the same version of pellicle at all parties.");
        }

        if (found.From != peer.Index || found.To != own.Self.Index)
        {
            throw Refused(peer, "has another role", $"party {found.From} calling party {found.To}", $"party {peer.Index} calling party {own.Self.Index}", "Check --id and --peer at both parties.");
        }

        if (!found.PlanHash.AsSpan().SequenceEqual(own.PlanHash))
        {
            throw Refused(peer, "works on another plan", Short(found.PlanHash), Short(own.PlanHash), "Give all parties folders of the same kits.");
        }

        if (!found.WeightHash.AsSpan().SequenceEqual(own.WeightHash(peer)))
        {
            throw Refused(peer, "holds other weight shares", Short(found.WeightHash), Short(own.WeightHash(peer)), "Give all parties folders of the same kits.");
        }

        if (found.Lanes != own.Lanes)
        {
            throw Refused(peer, "runs another number of sessions side by side", $"{found.Lanes}", $"{own.Lanes}", "Give the same --sessions at all parties.");
        }

        return found.Lane < own.Lanes && (lane is null || lane == found.Lane)
            ? found
            : throw Refused(peer, "names another lane", $"{found.Lane}", lane is null ? $"below {own.Lanes}" : $"{lane}", "Install the same version of pellicle at all parties.");
    }

    public override string ToString() => $"greeting of party {From}";

    private static string Short(byte[] hash) => Convert.ToHexStringLower(hash)[..8];

    private static ProtocolException Refused(PartyId peer, string what, string found, string expected, string hint) =>
        new($"party {peer.Index} {what}{(found.Length == 0 ? "" : $": it has {found}, this party {expected}")}.", hint) { Party = peer.Index };
}
