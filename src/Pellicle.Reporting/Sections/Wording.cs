using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;

namespace Pellicle.Reporting.Sections;

/// <summary>Sentences used by several sections. An epsilon never appears without delta, unit, relation, sampling and accountant.</summary>
internal static class Wording
{
    public const string SyntheticStamp = "SYNTHETIC – not patient data";
    public const string Use = "Research use, not a medical device.";

    public static string Unit(RunContent run) => run.Privacy?.Text("unit") ?? "image";

    public static string Relation(string? relation) => relation switch
    {
        "addOrRemoveOne" => "adding or removing one",
        "replaceOne" => "replacing one",
        "zeroOutOne" => "blanking out one",
        null => "a change of one",
        _ => relation,
    };

    public static string Sampling(string? sampling) => sampling switch
    {
        "poisson" => "Poisson sampling",
        "fixedSize" => "fixed-size sampling without replacement",
        "shuffled" => "shuffled batches (no amplification claimed)",
        "fullBatch" => "full batch",
        null => "unknown sampling",
        _ => sampling,
    };

    public static string Accountant(RunContent run) => (run.Privacy?.Text("accountant") ?? "unknown").ToUpperInvariant() + " accountant";

    /// <summary>What belongs to every epsilon, in small print beside it.</summary>
    public static string Qualifiers(RunContent run) =>
        $"at delta {Numbers.General(run.Privacy?.Number("delta"))}; unit: one {Unit(run)}; {Relation(run.Privacy?.Text("neighbouringRelation"))} {Unit(run)}; "
        + $"{Sampling(run.Privacy?.Text("sampling"))}; {Accountant(run)}";

    public static string Guarantee(RunContent run) => run.Guarantee switch
    {
        GuaranteeKind.Holds => $"epsilon ≤ {Numbers.EpsilonUp(run.Privacy!.Number("epsilon"))}",
        GuaranteeKind.None => "none",
        GuaranteeKind.Unsupported => "no guarantee",
        GuaranteeKind.InsecureNoise => "none (seeded noise)",
        _ => "unknown",
    };

    public static string Model(RunContent run) => run.Run?.Object("result")?.Object("model")?.Text("name") ?? ConfigValue(run, "model", "name") ?? "unknown model";

    /// <summary>A value of the effective settings, for headings only.</summary>
    public static string? ConfigValue(RunContent run, string section, string key)
    {
        string? inside = null;
        foreach (string line in (run.Config ?? string.Empty).Split('\n'))
        {
            if (line.Length > 0 && !char.IsWhiteSpace(line[0]) && line.TrimEnd().EndsWith(':'))
            {
                inside = line.Trim().TrimEnd(':');
            }
            else if (inside == section && line.TrimStart().StartsWith(key + ":", StringComparison.Ordinal))
            {
                return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim().Trim('"', '\'') is { Length: > 0 } value and not "null" ? value : null;
            }
        }

        return null;
    }

    public static string Source(RunContent run) => run.Run?.Text("dataSource") ?? ConfigValue(run, "data", "source") ?? "an unknown source";
}
