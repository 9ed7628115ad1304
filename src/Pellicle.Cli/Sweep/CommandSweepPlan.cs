using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Training.Sweeps;

namespace Pellicle.Cli.Sweep;

/// <summary>A sweep over options of another command than <c>train</c>, such as an attack: the words of each run.</summary>
/// <param name="Command">Words of the command, such as "attack encoding".</param>
/// <param name="Columns">Fields of the results that the table lists, such as "worst.assignmentAccuracy".</param>
/// <param name="Axes">Options with more than one value.</param>
/// <param name="Jobs">The runs; the last axis changes fastest.</param>
internal sealed record CommandSweepPlan(string Command, IReadOnlyList<string> Columns, IReadOnlyList<string> Axes, IReadOnlyList<CommandSweepJob> Jobs)
{
    /// <summary>Key of words that belong to no option.</summary>
    public const string Operands = "_";

    private const long MostBytes = 1 << 20;

    /// <summary>Reads a file if it is one: JSON with <c>command</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problems">Takes what is wrong with it.</param>
    /// <returns>Null if it has no command: then it is a sweep of training.</returns>
    public static CommandSweepPlan? Read(string path, ICollection<Problem> problems)
    {
        JsonDocument document;
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > MostBytes)
            {
                return null;
            }

            document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 8 });
        }
        catch (JsonException)
        {
            return null; // YAML, or broken: the reader of training sweeps says which
        }

        using (document)
        {
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("command", out JsonElement command) || command.ValueKind != JsonValueKind.String)
            {
                return null;
            }

            string[] columns = root.TryGetProperty("columns", out JsonElement listed) && listed.ValueKind == JsonValueKind.Array ? [.. listed.EnumerateArray().Select(c => c.ToString())] : [];
            JsonElement[] spaces = !root.TryGetProperty("search_space", out JsonElement space) ? [] : space.ValueKind == JsonValueKind.Array ? [.. space.EnumerateArray()] : [space];
            if (spaces.Length == 0 || spaces.Any(s => s.ValueKind != JsonValueKind.Object || s.EnumerateObject().Any(o => o.Value.ValueKind != JsonValueKind.Array || o.Value.GetArrayLength() == 0)))
            {
                problems.Add(new Problem(path, $"'{path}' has no search_space of options with lists of values, or an empty list.", "For example \"search_space\": { \"methods\": [\"mmd\", \"gan\"] }."));
                return new CommandSweepPlan(command.GetString()!, columns, [], []);
            }

            var jobs = new Dictionary<string, CommandSweepJob>(StringComparer.Ordinal);
            foreach (CommandSweepJob job in spaces.SelectMany(Product))
            {
                jobs.TryAdd(job.Id, job);
            }

            if (jobs.Count > SweepPlan.MaxJobs)
            {
                problems.Add(new Problem(path, $"'{path}' describes {jobs.Count} runs; expected at most {SweepPlan.MaxJobs}.", "Shorten the lists."));
            }

            string[] axes = [.. jobs.Values.SelectMany(j => j.Options.Keys).Distinct().Where(key => jobs.Values.Select(j => j.Options.GetValueOrDefault(key)).Distinct().Count() > 1)];
            return new CommandSweepPlan(command.GetString()!, columns, axes, [.. jobs.Values]);
        }
    }

    private static IEnumerable<CommandSweepJob> Product(JsonElement space)
    {
        IEnumerable<Dictionary<string, string>> partial = [new Dictionary<string, string>(StringComparer.Ordinal)];
        foreach (JsonProperty axis in space.EnumerateObject())
        {
            string[] values = [.. axis.Value.EnumerateArray().Select(TextOf)];
            partial = partial.SelectMany(start => values.Select(value => new Dictionary<string, string>(start, StringComparer.Ordinal) { [axis.Name] = value })).Take(SweepPlan.MaxJobs + 1);
        }

        return partial.Select(options => new CommandSweepJob(options));
    }

    // As the reference: true is a bare flag, false leaves it out, a list inside a list is joined by blanks.
    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(' ', value.EnumerateArray().Select(TextOf)),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.ToString(),
    };
}

/// <summary>One run of a command sweep.</summary>
/// <param name="Options">Option without dashes to its value; "true" is a bare flag, "false" leaves it out.</param>
internal sealed record CommandSweepJob(IReadOnlyDictionary<string, string> Options)
{
    /// <summary>Hash of the options.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key}={o.Value}")))))[..10];

    /// <summary>The words after the command.</summary>
    public IReadOnlyList<string> Words =>
    [
        .. Options.TryGetValue(CommandSweepPlan.Operands, out string? operands) ? operands.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [],
        .. Options.Where(o => o.Key != CommandSweepPlan.Operands && o.Value != "false").SelectMany(o => o.Value == "true" ? new[] { OptionOf(o.Key) } : [OptionOf(o.Key), o.Value]),
    ];

    private static string OptionOf(string key) => "--" + key.TrimStart('-').Replace('_', '-');
}
