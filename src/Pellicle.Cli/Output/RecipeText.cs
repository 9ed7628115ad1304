using Pellicle.Training.Configuration;
using Pellicle.Training.Recipes;

namespace Pellicle.Cli.Output;

/// <summary>Shows a recipe in full: what it is for, and what every setting of it became.</summary>
internal static class RecipeText
{
    /// <summary>Tells it on stderr; without a recipe nothing.</summary>
    /// <param name="reporter">Takes the notes.</param>
    /// <param name="settings">The loaded settings.</param>
    public static void Tell(Reporter reporter, LoadedConfig settings)
    {
        if (settings.Recipe is not { } recipe)
        {
            return;
        }

        string range = recipe.RangeFor(settings.Config.Privacy) is { } found ? $", settings for {(found.Text == EpsilonRange.NonPrivate ? "training without privacy" : "epsilon " + found.Text)}" : "";
        reporter.Note($"recipe {recipe.Name} ({recipe.File}): {recipe.Summary}{range}");
        foreach (RawSetting setting in recipe.SettingsFor(settings.Config.Privacy))
        {
            SettingOrigin origin = settings.Origins.GetValueOrDefault(setting.Key, setting.Origin);
            string overruled = origin.Layer == SettingLayer.Recipe ? "" : $"   (not used: {origin.Text} gives {SettingCatalog.Find(setting.Key)!.TextOf(settings.Config) ?? "null"})";
            reporter.Note($"  {setting.Key}: {setting.Text ?? "null"}{overruled}");
        }
    }
}
