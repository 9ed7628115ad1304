using Pellicle.Training.Configuration;

namespace Pellicle.Training.Recipes;

/// <summary>A named set of settings for a data set. What decides the guarantee (epsilon or noise) and the data stay the user's.</summary>
/// <param name="Name">Name of the file without its ending.</param>
/// <param name="File">Where it was read.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Match">How data are recognised.</param>
/// <param name="Settings">Settings for every epsilon.</param>
/// <param name="Ranges">Settings for some epsilons; ranges do not overlap.</param>
public sealed record Recipe(string Name, string File, string Summary, RecipeMatch Match, IReadOnlyList<RawSetting> Settings, IReadOnlyList<EpsilonRange> Ranges)
{
    /// <summary>The range that holds for a choice of guarantee, or null.</summary>
    /// <param name="privacy">The choice of guarantee.</param>
    public EpsilonRange? RangeFor(PrivacySection privacy) => Ranges.FirstOrDefault(range => range.Holds(privacy));

    /// <summary>The settings that hold for a choice of guarantee, as a layer of configuration.</summary>
    /// <param name="privacy">The choice of guarantee.</param>
    /// <returns>Every key once.</returns>
    public IReadOnlyList<RawSetting> SettingsFor(PrivacySection privacy)
    {
        IReadOnlyList<RawSetting> special = RangeFor(privacy)?.Settings ?? [];
        return [.. Settings.Where(setting => special.All(other => other.Key != setting.Key)), .. special];
    }
}
