using System.Buffers.Binary;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Channels;

/// <summary>Head of every message between parties: 16 bytes, little-endian. A receiver knows what must come and compares every field.</summary>
/// <param name="PlanId">First four bytes of the plan's hash.</param>
/// <param name="Step">Step of the session.</param>
/// <param name="Depth">Length of the longest chain of messages that this one waited for, itself included; what "rounds" counts (Lamport 1978).</param>
/// <param name="Length">Bytes of content.</param>
public readonly record struct MessageHeader(uint PlanId, uint Step, uint Depth, uint Length)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 16;

    /// <summary>Step of a message that ends the session: its depth is 1 + the number of the party that caused it, and nothing follows.</summary>
    public const uint EndStep = uint.MaxValue;

    /// <summary>Writes the header.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, PlanId);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Step);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Depth);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Length);
    }

    /// <summary>Reads a header; any bytes give one.</summary>
    /// <param name="source">At least <see cref="Size"/> bytes.</param>
    public static MessageHeader Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source),
        BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[12..]));

    /// <summary>Compares a received header with what must come.</summary>
    /// <param name="expected">Plan, step and length that must come; the depth is only bounded.</param>
    /// <param name="from">The sender.</param>
    /// <exception cref="ProtocolException">A field differs.</exception>
    public void Verify(MessageHeader expected, PartyId from)
    {
        if (PlanId != expected.PlanId)
        {
            throw Mismatch(from, "works on another plan", $"{PlanId:x8}", $"{expected.PlanId:x8}", "Give every party the same plan.json.");
        }

        if (Step == EndStep)
        {
            throw Ended(from);
        }

        if (Step != expected.Step)
        {
            throw Mismatch(from, $"is at step {Step}", $"{Step}", $"{expected.Step}", "Start a new session at all parties.");
        }

        // Every message deepens the chain by one, and no step sends more than a few hundred.
        if (Length != expected.Length || Depth == 0 || Depth > (Step + 2) * 4096UL)
        {
            throw Mismatch(from, "sent a message of another length or depth", $"{Length} bytes", $"{expected.Length} bytes", "Check that all parties run the same version.");
        }
    }

    /// <summary>What a message with <see cref="EndStep"/> says.</summary>
    /// <param name="from">The sender.</param>
    public ProtocolException Ended(PartyId from)
    {
        int cause = Depth is >= 1 and <= PartyId.Count ? (int)Depth - 1 : from.Index;
        return new ProtocolException(
            cause == from.Index ? $"party {cause} ended the session." : $"party {cause} does not take part any more, says party {from.Index}.",
            $"Look at the log of party {cause}, and start a new session.")
        { Party = cause };
    }

    private static ProtocolException Mismatch(PartyId from, string what, string found, string expected, string hint) =>
        new($"party {from.Index} {what}: found {found}, expected {expected}.", hint) { Party = from.Index };
}
