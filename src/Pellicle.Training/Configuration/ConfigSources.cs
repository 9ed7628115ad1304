using Pellicle.Training.Recipes;

namespace Pellicle.Training.Configuration;

/// <summary>Everything a configuration may come from.</summary>
public sealed record ConfigSources
{
    /// <summary>Name of a recipe, or null.</summary>
    public string? Recipe { get; init; }

    /// <summary>Where recipes are found.</summary>
    public RecipeShelf Recipes { get; init; } = new([]);

    /// <summary>Configuration file, or null.</summary>
    public string? File { get; init; }

    /// <summary>The process's environment; only <c>PELLICLE_*</c> is looked at.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Values of options and of <c>--set</c>.</summary>
    public IReadOnlyList<RawSetting> Options { get; init; } = [];
}
