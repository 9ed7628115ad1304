using System.Text.Json;

namespace Pellicle.Data.Sources;

/// <summary>One row of a NeuraCrypt label list.</summary>
/// <param name="Where">List and position, for messages.</param>
/// <param name="Path">File, with forward slashes.</param>
/// <param name="SplitGroup">train, dev, validate or test.</param>
/// <param name="Patient">pid.</param>
/// <param name="Exam">Examination.</param>
/// <param name="Origin">mimic or stanford, in lower case.</param>
/// <param name="ChallengeSplit">public, private-encoded, or empty.</param>
/// <param name="Findings">Finding to "1.0", "0.0", "-1.0" or "".</param>
internal sealed record JsonLabelRow(string Where, string Path, string SplitGroup, string Patient, string Exam, string Origin, string ChallengeSplit, IReadOnlyDictionary<string, string> Findings)
{
    /// <summary>Reads a row; what is missing goes to the problems and gives null.</summary>
    internal static JsonLabelRow? Read(JsonElement row, string where, ProblemList problems)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            problems.Add(where, "is no object; expected path, split_group, label_dict and source", "Give a NeuraCrypt label list.");
            return null;
        }

        (string path, string origin) = (Text(row, "path").Replace('\\', '/'), Text(row, "source").ToLowerInvariant());
        if (path.Length == 0)
        {
            problems.Add(where, "has no path", "Give every row the file of its image.");
            return null;
        }

        if (origin is not ("mimic" or "stanford"))
        {
            problems.Add(where, origin.Length == 0 ? "has no source" : $"has the source '{origin}'", "Expected \"mimic\" or \"stanford\": which hospital a row is from cannot be guessed from its path.");
            return null;
        }

        if (!row.TryGetProperty("label_dict", out JsonElement findings) || findings.ValueKind != JsonValueKind.Object)
        {
            problems.Add(where, "has no label_dict", "Give every row its findings.");
            return null;
        }

        return new JsonLabelRow(
            where, path, Text(row, "split_group"), Text(row, "pid"), Text(row, "exam"), origin, Text(row, "challenge_split"),
            findings.EnumerateObject().DistinctBy(f => f.Name).ToDictionary(f => f.Name, f => AsText(f.Value), StringComparer.Ordinal));
    }

    /// <summary>The folder that all absolute paths share, without the last slash; empty if a path is relative.</summary>
    internal static string CommonFolder(IReadOnlyList<JsonLabelRow> rows)
    {
        string? common = null;
        foreach (JsonLabelRow row in rows)
        {
            int end = row.Path.LastIndexOf('/');
            string folder = row.Path.StartsWith('/') && end > 0 ? row.Path[..end] : "";
            common ??= folder;
            while (common.Length > 0 && folder != common && !folder.StartsWith(common + "/", StringComparison.Ordinal))
            {
                common = common[..Math.Max(0, common.LastIndexOf('/'))];
            }
        }

        return common ?? "";
    }

    internal string Value(string column) => column switch
    {
        "path" => Path,
        "split_group" => SplitGroup,
        "pid" => Patient,
        "exam" => Exam,
        "source" => Origin,
        _ => "",
    };

    private static string Text(JsonElement row, string name) => row.TryGetProperty(name, out JsonElement value) ? AsText(value) : "";

    private static string AsText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => "",
    };
}
