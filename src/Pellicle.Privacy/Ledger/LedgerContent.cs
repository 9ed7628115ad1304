using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Plan;

namespace Pellicle.Privacy.Ledger;

/// <summary>A verified ledger: the plan of its first line and the events of the others.</summary>
/// <param name="Plan">All constants of the run.</param>
/// <param name="Events">In order; steps are contiguous from 1.</param>
/// <param name="Hash">SHA-256 of the last line: stands for the whole chain.</param>
/// <param name="Length">Bytes of the complete lines.</param>
public sealed record LedgerContent(JsonObject Plan, IReadOnlyList<LedgerEvent> Events, string Hash, long Length)
{
    /// <summary>Steps (events) that count as spent.</summary>
    public long Steps => Events.Count == 0 ? 0 : Events[^1].Step + Events[^1].Count - 1;

    /// <summary>The events as accountants see them, without what the plan says was spent before.</summary>
    public PrivacyHistory History => PrivacyHistory.Of(Events.Select(e => e.ToPhase()));

    /// <summary>What was spent before, according to the plan, followed by <see cref="History"/>: the budget that a continuing run has spent.</summary>
    /// <exception cref="LedgerException">The plan's list of earlier phases is not valid.</exception>
    public PrivacyHistory TotalHistory => FromPlan("spent", PlanHeader.SpentOf).Append(History);

    /// <summary>What earlier runs had spent when this one began.</summary>
    /// <exception cref="LedgerException">The plan's list of earlier phases is not valid.</exception>
    public SpentBudget Spent => FromPlan("spent", plan => new SpentBudget(PlanHeader.SpentOf(plan), plan["spentLedgerHash"]?.GetValue<string>()));

    /// <summary>Where the initial weights came from; null for random ones.</summary>
    /// <exception cref="LedgerException">The plan says it in no valid form.</exception>
    public Pretraining? Pretraining => FromPlan("pretraining", PlanHeader.PretrainingOf);

    private T FromPlan<T>(string field, Func<JsonObject, T> read)
    {
        try
        {
            return read(Plan);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new LedgerException($"the plan in the privacy ledger has no valid field '{field}'.", "Restore the file as it was written.", inner: e);
        }
    }

    /// <summary>Reads a ledger and verifies its chain.</summary>
    /// <param name="path">ledger.jsonl.</param>
    /// <exception cref="LedgerException">Missing, or not the chain that was written.</exception>
    public static LedgerContent Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerException($"the privacy ledger '{path}' cannot be read: {e.Message}", "Without its ledger a run has no guarantee and cannot be continued: restore the file, or train again.", inner: e);
        }

        return Parse(path, bytes);
    }

    /// <summary>SHA-256 of a line without its line feed, hexadecimal.</summary>
    internal static string HashOf(ReadOnlySpan<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line));

    private static LedgerContent Parse(string path, ReadOnlySpan<byte> bytes)
    {
        JsonObject? plan = null;
        var events = new List<LedgerEvent>();
        string hash = string.Empty;
        long length = 0;
        for (int line = 1, start = 0; start < bytes.Length; line++)
        {
            int end = bytes[start..].IndexOf((byte)'\n');
            if (end < 0)
            {
                break; // cut off while it was written: an event counts from its line feed on, and its steps wait for that
            }

            ReadOnlySpan<byte> text = bytes.Slice(start, end);
            if (plan is null)
            {
                plan = ParsePlan(path, text);
            }
            else
            {
                events.Add(ParseEvent(path, line, text, hash, events.Count == 0 ? 1 : events[^1].Step + events[^1].Count));
            }

            hash = HashOf(text);
            start += end + 1;
            length = start;
        }

        return plan is null
            ? throw Broken(path, 1, "the line with the plan is missing")
            : new LedgerContent(plan, events, hash, length);
    }

    private static JsonObject ParsePlan(string path, ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonNode.Parse(text)?["plan"] as JsonObject ?? throw Broken(path, 1, "it has no object 'plan'");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Broken(path, 1, "it is no JSON object");
        }
    }

    private static LedgerEvent ParseEvent(string path, int line, ReadOnlySpan<byte> text, string expectedHash, long expectedStep)
    {
        LedgerEvent? e;
        try
        {
            e = JsonSerializer.Deserialize<LedgerEvent>(Encoding.UTF8.GetString(text), PellicleJson.Line);
        }
        catch (JsonException)
        {
            throw Broken(path, line, "it is no event");
        }

        return e switch
        {
            null => throw Broken(path, line, "it is no event"),
            { IsKnown: false } => throw Broken(path, line, $"the kind '{e.Kind}' is not known, or does not go with its rate"),
            _ when e.PreviousHash != expectedHash => throw Broken(path, line, "its previousHash is not the hash of the line before"),
            _ when e.Step != expectedStep || e.Count < 1 => throw Broken(path, line, $"it starts at step {e.Step} with {e.Count} steps; expected step {expectedStep}"),
            _ when !(e.SampleRate > 0 && e.SampleRate <= 1 && e.NoiseMultiplier > 0) => throw Broken(path, line, "its rate or noise is out of range"),
            _ => e,
        };
    }

    private static LedgerException Broken(string path, int line, string reason) => new(
        $"the privacy ledger '{path}' is broken at line {line}: {reason}.",
        "A broken ledger blocks private training: restore the file as it was written, or train again in a new folder.");
}
