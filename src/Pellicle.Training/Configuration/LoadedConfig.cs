using Pellicle.Training.Recipes;

namespace Pellicle.Training.Configuration;

/// <summary>A checked configuration and where its values come from.</summary>
/// <param name="Config">The settings.</param>
/// <param name="Origins">Origin of each value, by key; settings nobody gave are <see cref="SettingOrigin.BuiltIn"/>.</param>
public sealed record LoadedConfig(TrainConfig Config, IReadOnlyDictionary<string, SettingOrigin> Origins)
{
    /// <summary>The recipe that settings come from; null without one.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>Lists each setting with value and origin, for <c>--dry-run</c>.</summary>
    /// <returns>Rows in the order of the catalogue.</returns>
    public IReadOnlyList<SettingRow> Rows() =>
        [.. SettingCatalog.All.Select(s => new SettingRow(s.Key, s.TextOf(Config), Origins[s.Key].Text))];
}

/// <summary>One line of the effective configuration.</summary>
/// <param name="Key">Such as <c>privacy.delta</c>.</param>
/// <param name="Value">The value as text; null if not set.</param>
/// <param name="Origin">Where it comes from.</param>
public sealed record SettingRow(string Key, string? Value, string Origin);
