using System.Buffers.Binary;
using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Links;

/// <summary>Says whether a party can take part in a session.</summary>
internal enum OpeningState
{
    /// <summary>It has its input.</summary>
    Ready = 0,

    /// <summary>Its part of the input did not come in time.</summary>
    NoInput = 1,

    /// <summary>The client withdrew the session, or it failed here.</summary>
    Withdrawn = 2,

    /// <summary>It has no connection to the third party.</summary>
    NotConnected = 3,
}

/// <summary>First message of a session, in every direction: which session, whether the sender can take part, its half of the pair's key, and the hash of the input slot that both hold.</summary>
/// <param name="Session">16 bytes, drawn by the client.</param>
/// <param name="State">Whether the sender can take part.</param>
/// <param name="Contribution">32 fresh bytes of the sender.</param>
/// <param name="InputHash">SHA-256 of the input slot that both ends hold.</param>
internal sealed record SessionOpening(byte[] Session, OpeningState State, byte[] Contribution, byte[] InputHash)
{
    public const int SessionBytes = 16;
    public const int ContributionBytes = 32;
    public const int Size = 8 + SessionBytes + 8 + ContributionBytes + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "PELOPEN\n"u8;

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        Magic.CopyTo(bytes);
        Session.CopyTo(bytes, 8);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), (long)State);
        Contribution.CopyTo(bytes, 32);
        InputHash.CopyTo(bytes, 64);
        return bytes;
    }

    /// <summary>Reads an opening.</summary>
    /// <exception cref="ProtocolException">Something else came.</exception>
    public static SessionOpening Read(ReadOnlySpan<byte> bytes, PartyId from) =>
        bytes[..8].SequenceEqual(Magic) && BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]) is >= 0 and <= (long)OpeningState.NotConnected
            ? new SessionOpening(bytes[8..24].ToArray(), (OpeningState)BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), bytes[32..64].ToArray(), bytes[64..].ToArray())
            : throw new ProtocolException($"party {from.Index} sent something else than the opening of a session.", "The link is rebuilt; if it happens again, check that all parties run the same version.") { Party = from.Index };

    /// <summary>Kind only: contributions become keys.</summary>
    public override string ToString() => "opening of a session";
}
