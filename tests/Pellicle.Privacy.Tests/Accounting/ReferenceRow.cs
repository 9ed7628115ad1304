using System.Text.Json;
using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Tests.Accounting;

/// <summary>One row of the reference table parity/accounting.json.</summary>
public sealed record ReferenceRow(string Name, PrivacyHistory History, double Delta, JsonElement Json)
{
    public const string File = "parity/accounting.json";

    private static readonly Lazy<JsonDocument> Table = new(() => JsonDocument.Parse(System.IO.File.ReadAllText(SharedFiles.Locate(File))));

    public static JsonElement Root => Table.Value.RootElement;

    public static IReadOnlyList<ReferenceRow> All => [.. Root.GetProperty("rows").EnumerateArray().Select(row => new ReferenceRow(
        row.GetProperty("name").GetString()!,
        PrivacyHistory.Of(row.GetProperty("history").EnumerateArray().Select(phase => new PrivacyPhase(
            MechanismEvent.Poisson(phase.GetProperty("sample_rate").GetDouble(), phase.GetProperty("noise_multiplier").GetDouble()),
            phase.GetProperty("steps").GetInt64()))),
        row.GetProperty("delta").GetDouble(),
        row))];

    public double? Value(string field) => Json.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    public override string ToString() => $"{Name}: {string.Join(" then ", History.Phases)} at delta {Delta}";
}
