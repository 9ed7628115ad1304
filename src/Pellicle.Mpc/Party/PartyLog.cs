using System.Text.Json;
using System.Text.Json.Serialization;
using Pellicle.Formats.Json;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Party;

/// <summary>One line of JSON an event. Never shares, pixels, logits, keys or tokens.</summary>
internal sealed class PartyLog(PartyId party, TextWriter writer, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Form = new(PellicleJson.Line) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly Lock _gate = new();

    public void Write(PartyEvent entry)
    {
        string line = JsonSerializer.Serialize(entry with { Time = clock.GetUtcNow(), Party = party.Index }, Form);
        lock (_gate)
        {
            writer.WriteLine(line);
            writer.Flush();
        }
    }
}

/// <summary>An event.</summary>
/// <param name="Event">started, listening, link, session, refused, blocked, stopping, stopped.</param>
internal sealed record PartyEvent(string Event)
{
    public DateTimeOffset Time { get; init; }

    public int Party { get; init; }

    public int? Peer { get; init; }

    /// <summary>First 8 digits of the session id.</summary>
    public string? Session { get; init; }

    public string? Client { get; init; }

    public string? State { get; init; }

    public string? Message { get; init; }

    public string? Address { get; init; }

    public string? PlanHash { get; init; }

    public long? Rounds { get; init; }

    public long? Bytes { get; init; }

    public double? Seconds { get; init; }
}
