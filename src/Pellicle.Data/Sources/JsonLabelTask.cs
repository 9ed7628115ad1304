using Pellicle.Core.Errors;

namespace Pellicle.Data.Sources;

/// <summary>A task of the NeuraCrypt reference: one finding, in the images of one hospital or both.</summary>
/// <param name="Name">Such as "mimic_cxr_edema".</param>
/// <param name="Origin">"mimic", "stanford", or null for both.</param>
/// <param name="Finding">Key of label_dict, such as "Edema".</param>
/// <param name="IsAttack">Rows as an attacker has them: public ones to train and validate, those that were encoded in private to test; all rows, whatever their finding.</param>
internal sealed record JsonLabelTask(string Name, string? Origin, string Finding, bool IsAttack)
{
    /// <summary>Before the name of a task: rows as an attacker has them.</summary>
    internal const string AttackPrefix = "attack:";

    private static readonly string[] Findings = ["Edema", "Consolidation", "Cardiomegaly", "Atelectasis", "Pneumothorax"];

    /// <summary>All task names.</summary>
    internal static IReadOnlyList<string> Names { get; } =
        [.. new[] { "mimic", "stanford", "combined" }.SelectMany(origin => Findings.Select(finding => NameOf(origin, finding)))];

    /// <exception cref="UsageException">No task, or an unknown one.</exception>
    internal static JsonLabelTask Parse(string? name)
    {
        string wanted = name ?? throw new UsageException("a json: source holds many findings, and no task was named", $"Name one with --label-column: {string.Join(", ", Names)}.");
        bool isAttack = wanted.StartsWith(AttackPrefix, StringComparison.Ordinal);
        string task = isAttack ? wanted[AttackPrefix.Length..] : wanted;
        foreach (string origin in new[] { "mimic", "stanford", "combined" })
        {
            if (Findings.FirstOrDefault(finding => NameOf(origin, finding) == task) is { } found)
            {
                return new JsonLabelTask(wanted, origin == "combined" ? null : origin, found, isAttack);
            }
        }

        string near = Nearest.Of(wanted, [.. Names]) is { } close ? $" Did you mean '{close}'?" : "";
        throw new UsageException($"'{wanted}' is no task of a json: source", $"Expected one of {string.Join(", ", Names)}, or one after '{AttackPrefix}'.{near}");
    }

    /// <summary>"positive" or "negative"; null if the row does not belong to the task.</summary>
    internal string? LabelOf(JsonLabelRow row)
    {
        if (Origin is not null && row.Origin != Origin)
        {
            return null;
        }

        string value = row.Findings.GetValueOrDefault(Finding, "");
        bool isUsed = IsAttack || value is "1.0" or "0.0" || row.Findings.GetValueOrDefault("No Finding", "") == "1.0";
        return !isUsed ? null : value == "1.0" ? "positive" : "negative";
    }

    /// <summary>The split of a row as the list writes it; for an attack by its challenge_split.</summary>
    internal string SplitOf(JsonLabelRow row) => !IsAttack ? row.SplitGroup : row.ChallengeSplit switch
    {
        "private-encoded" => "test",
        "public" => row.SplitGroup is "dev" or "validate" ? "dev" : "train",
        _ => "",
    };

    private static string NameOf(string origin, string finding) =>
        finding == "Pneumothorax" ? $"{origin}_pneumothorax" : $"{origin}_cxr_{finding.ToLowerInvariant()}";
}
