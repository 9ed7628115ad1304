using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Recipes;

/// <summary>Reads a recipe: a configuration file with two more sections, <c>recipe</c> (what it is for) and <c>epsilon</c> (settings for ranges of epsilon).</summary>
internal static class RecipeReader
{
    private const string About = "recipe.";
    private const string Ranges = "epsilon.";

    // A recipe must not make the choices that are the user's, nor point to files of one machine.
    private static readonly string[] NotForRecipes =
        ["data.source", "privacy.targetEpsilon", "privacy.noiseMultiplier", "privacy.nonPrivate", "privacy.maxEpsilon", "privacy.insecureSeed", "privacy.spent", "privacy.delta", "model.weights", "seed", "threads"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">A YAML file.</param>
    /// <exception cref="UsageException">The file is no recipe: all problems together.</exception>
    public static Recipe Read(string path)
    {
        var problems = new List<Problem>();
        IReadOnlyList<RawSetting> all = ConfigFileReader.Read(path, problems);
        string name = Path.GetFileNameWithoutExtension(path);
        Dictionary<string, RawSetting> about = all.Where(s => s.Key.StartsWith(About, StringComparison.Ordinal)).ToDictionary(s => s.Key[About.Length..]);
        RawSetting[] settings = [.. all.Where(s => !s.Key.StartsWith(About, StringComparison.Ordinal) && !s.Key.StartsWith(Ranges, StringComparison.Ordinal)).Select(s => Checked(s, s.Key, name, problems))];
        EpsilonRange[] ranges = ReadRanges(all, name, problems);
        RecipeMatch match = ReadMatch(path, about, problems);
        if (about.GetValueOrDefault("summary")?.Text is not { Length: > 0 } summary)
        {
            summary = "";
            problems.Add(new Problem(path, $"the recipe '{path}' has no recipe.summary.", "Say in one line what it is for."));
        }

        if (problems.Count > 0)
        {
            throw new UsageException(problems.Count == 1 ? problems[0].Message : $"{problems.Count} problems in the recipe '{path}'.", problems.Count == 1 ? problems[0].Hint : "Mend them all.", problems);
        }

        return new Recipe(name, path, summary, match, settings, ranges);
    }

    private static RecipeMatch ReadMatch(string path, Dictionary<string, RawSetting> about, List<Problem> problems)
    {
        foreach (RawSetting unknown in about.Where(entry => entry.Key is not ("summary" or "sources" or "classes" or "smallestSide" or "largestSide")).Select(entry => entry.Value))
        {
            problems.Add(new Problem(unknown.Origin.Text, $"'{unknown.Key}' says nothing that is known about a recipe.", "Known are recipe.summary, sources, classes, smallestSide and largestSide."));
        }

        var sources = new List<SourceKind>();
        foreach (string word in Words(about, "sources"))
        {
            if (Enum.TryParse(word, ignoreCase: true, out SourceKind kind) && Enum.IsDefined(kind))
            {
                sources.Add(kind);
            }
            else
            {
                problems.Add(new Problem(about["sources"].Origin.Text, $"recipe.sources has '{word}', which is no kind of source.", $"Kinds are {string.Join(", ", Enum.GetNames<SourceKind>()).ToLowerInvariant()}."));
            }
        }

        string[] classes = Words(about, "classes");
        if (classes.Length < 2)
        {
            problems.Add(new Problem(path, $"the recipe '{path}' names {classes.Length} classes in recipe.classes; expected at least 2.", "List the class names of the data set."));
        }

        return new RecipeMatch(sources, classes, Side(about, "smallestSide", 1, problems), Side(about, "largestSide", int.MaxValue, problems));
    }

    private static EpsilonRange[] ReadRanges(IReadOnlyList<RawSetting> all, string name, List<Problem> problems)
    {
        var found = new Dictionary<string, (double Above, double UpTo, List<RawSetting> Settings)>();
        foreach (RawSetting setting in all.Where(s => s.Key.StartsWith(Ranges, StringComparison.Ordinal)))
        {
            if (EpsilonRange.Split(setting.Key[Ranges.Length..]) is not var (range, above, upTo, key))
            {
                problems.Add(new Problem(setting.Origin.Text, $"'{setting.Key}' is no setting for a range of epsilon.", "Write epsilon: { 0-2: { train.lr: 40 }, non-private: { train.lr: 4 } } for example."));
                continue;
            }

            if (!found.TryGetValue(range, out var entry))
            {
                if (found.Values.Any(other => above < other.UpTo && other.Above < upTo))
                {
                    problems.Add(new Problem(setting.Origin.Text, $"the range of epsilon {range} overlaps another one.", "Let every epsilon be in one range: 0-2 holds 2, 2-5 begins above it."));
                }

                found[range] = entry = (above, upTo, []);
            }

            entry.Settings.Add(Checked(setting, key, name, problems));
        }

        return [.. found.Select(entry => new EpsilonRange(entry.Key, entry.Value.Above, entry.Value.UpTo, entry.Value.Settings))];
    }

    private static RawSetting Checked(RawSetting setting, string key, string name, List<Problem> problems)
    {
        if (NotForRecipes.Contains(key))
        {
            problems.Add(new Problem(setting.Origin.Text, $"a recipe must not set '{key}': that is the user's choice.", "Remove it from the recipe."));
        }

        return new RawSetting(key, setting.Text, new SettingOrigin(SettingLayer.Recipe, "recipe " + name));
    }

    private static string[] Words(Dictionary<string, RawSetting> about, string key) =>
        about.GetValueOrDefault(key)?.Text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static int Side(Dictionary<string, RawSetting> about, string key, int builtIn, List<Problem> problems)
    {
        if (about.GetValueOrDefault(key) is not { } setting)
        {
            return builtIn;
        }

        if (!int.TryParse(setting.Text, System.Globalization.NumberStyles.None, null, out int side) || side < 1)
        {
            problems.Add(new Problem(setting.Origin.Text, $"recipe.{key} is '{setting.Text}'; expected a number of pixels.", ""));
            return builtIn;
        }

        return side;
    }
}
