using Pellicle.Core.Errors;
using Pellicle.Training.Recipes;

namespace Pellicle.Training.Configuration;

/// <summary>Puts a configuration together: built-in values, then recipe, then file, then <c>PELLICLE_*</c> variables, then options and <c>--set</c>.</summary>
public static class TrainConfigLoader
{
    // Each of these sets is one decision: a choice in a higher layer replaces the whole decision of a lower one.
    private static readonly string[][] Decisions =
    [
        ["privacy.targetEpsilon", "privacy.noiseMultiplier", "privacy.nonPrivate"],
        ["train.epochs", "train.steps"],
    ];

    /// <summary>Loads and checks a configuration.</summary>
    /// <param name="sources">Where values may come from.</param>
    /// <returns>The settings and their origins.</returns>
    /// <exception cref="UsageException">Something is wrong: all problems together, each with its place and remedy.</exception>
    public static LoadedConfig Load(ConfigSources sources)
    {
        var problems = new List<Problem>();
        LoadedConfig loaded = Read(sources, problems);
        problems.AddRange(Check(loaded));
        ThrowIfAny(problems);
        return loaded;
    }

    /// <summary>Loads a configuration without checking that it describes a run: for commands that use a few of its settings.</summary>
    /// <param name="sources">Where values may come from.</param>
    /// <param name="problems">Takes unknown names and values that cannot be read.</param>
    /// <returns>The settings and their origins.</returns>
    public static LoadedConfig Read(ConfigSources sources, ICollection<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(problems);
        IReadOnlyList<RawSetting> file = sources.File is null ? [] : ConfigFileReader.Read(sources.File, problems);
        IReadOnlyList<RawSetting> environment = ConfigEnvironment.Read(sources.Environment, problems);
        if (sources.Recipe is null)
        {
            return Apply([file, environment, sources.Options], problems);
        }

        // What the user gave decides data and guarantee, by which the recipe chooses; then it takes its place below all of it.
        TrainConfig given = Apply([file, environment, sources.Options], []).Config;
        try
        {
            Recipe recipe = sources.Recipes.Choose(sources.Recipe, given);
            return Apply([recipe.SettingsFor(given.Privacy), file, environment, sources.Options], problems) with { Recipe = recipe };
        }
        catch (UsageException e)
        {
            problems.Add(new Problem("--recipe", e.Message, e.Hint));
            return Apply([file, environment, sources.Options], problems);
        }
    }

    /// <summary>Finds what does not fit together in a configuration that was read.</summary>
    /// <param name="loaded">Settings with origins.</param>
    /// <returns>All problems.</returns>
    public static IReadOnlyList<Problem> Check(LoadedConfig loaded)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        return [.. TrainConfigValidator.Check(loaded)];
    }

    /// <summary>Throws one exception for all problems.</summary>
    /// <param name="problems">May be empty.</param>
    /// <exception cref="UsageException">There is a problem.</exception>
    public static void ThrowIfAny(IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.Count == 1)
        {
            throw new UsageException(problems[0].Message, problems[0].Hint, problems);
        }

        if (problems.Count > 1)
        {
            throw new UsageException($"{problems.Count} problems in options and configuration.", "Mend them all; nothing was started.", problems);
        }
    }

    private static LoadedConfig Apply(IReadOnlyList<IReadOnlyList<RawSetting>> layers, ICollection<Problem> problems)
    {
        var config = new TrainConfig();
        var origins = SettingCatalog.All.ToDictionary(s => s.Key, _ => SettingOrigin.BuiltIn);
        foreach (IReadOnlyList<RawSetting> layer in layers)
        {
            config = Apply(layer, config, origins, problems);
        }

        return new LoadedConfig(config, origins);
    }

    private static TrainConfig Apply(IReadOnlyList<RawSetting> layer, TrainConfig config, Dictionary<string, SettingOrigin> origins, ICollection<Problem> problems)
    {
        config = ClearOverruledDecisions(layer, config, origins);
        var given = new Dictionary<string, RawSetting>();
        foreach (RawSetting raw in layer)
        {
            if (SettingCatalog.Find(raw.Key) is not { } setting)
            {
                problems.Add(Unknown(raw));
                continue;
            }

            if (given.TryGetValue(raw.Key, out RawSetting? former) && former.Text != raw.Text)
            {
                problems.Add(new Problem(raw.Origin.Text, $"{raw.Key} is given twice: '{former.Text}' by {former.Origin.Text} and '{raw.Text}' by {raw.Origin.Text}.", "Keep one of them."));
                continue;
            }

            given[raw.Key] = raw;
            if (setting.TrySet(config, raw.Text, out TrainConfig? changed))
            {
                config = changed;
                origins[setting.Key] = raw.Origin;
            }
            else
            {
                origins[setting.Key] = raw.Origin with { IsRejected = true };
                problems.Add(new Problem(raw.Origin.Text, $"{Name(setting, raw)} is '{raw.Text ?? "null"}'; expected {setting.Expected}.", ""));
            }
        }

        return config;
    }

    private static TrainConfig ClearOverruledDecisions(IReadOnlyList<RawSetting> layer, TrainConfig config, Dictionary<string, SettingOrigin> origins)
    {
        foreach (string[] decision in Decisions.Where(d => layer.Any(raw => raw.Text is not null && d.Contains(raw.Key))))
        {
            foreach (string key in decision)
            {
                Setting setting = SettingCatalog.Find(key)!;
                if (setting.TrySet(config, setting.ValueName is null ? "false" : null, out TrainConfig? cleared))
                {
                    config = cleared;
                    origins[key] = SettingOrigin.BuiltIn;
                }
            }
        }

        return config;
    }

    private static Problem Unknown(RawSetting raw)
    {
        string section = raw.Key.Split('.')[0];
        if (section is "encode" or "mpc")
        {
            return new Problem(raw.Origin.Text, $"section '{section}' is one that this version does not have yet: 'pellicle {section}' takes options on its command line.", "Remove it from the configuration of this run.");
        }

        string? near = NearestName.Find(raw.Key, SettingCatalog.All.Select(s => s.Key))
            ?? SettingCatalog.All.FirstOrDefault(s => s.Key.EndsWith("." + raw.Key, StringComparison.OrdinalIgnoreCase))?.Key;
        return new Problem(raw.Origin.Text, $"unknown setting '{raw.Key}'.", near is null ? "'pellicle train --help' lists all settings." : $"Did you mean '{near}'?");
    }

    private static string Name(Setting setting, RawSetting raw) => raw.Origin.Text == setting.Option ? setting.Option : setting.Key;
}
