using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli.Parsing;

/// <summary>A resumed run has the settings of its folder: what a command line says besides must agree with them.</summary>
internal static class ResumedSettings
{
    /// <summary>Finds what disagrees.</summary>
    /// <param name="context">The call; its settings are those of the folder with options and variables on top.</param>
    /// <param name="run">The folder.</param>
    /// <param name="configFile">A configuration file named on the command line, or null.</param>
    public static IEnumerable<Problem> Check(CommandContext context, string run, string? configFile)
    {
        if (context.Value(GlobalOptions.Config) is not null || configFile is not null)
        {
            yield return new Problem("--config", "a configuration file and --resume are both given; a resumed run keeps the settings of its folder.", "Leave the file out.");
        }

        string own = Path.Combine(run, "config.yaml");
        if (!File.Exists(own))
        {
            yield break; // said by whoever opens the folder
        }

        TrainConfig kept = TrainConfigLoader.Read(new ConfigSources { File = own }, []).Config;
        foreach (Setting setting in SettingCatalog.All.Where(setting => setting.Key != "threads"))
        {
            SettingOrigin origin = context.Settings.Origins[setting.Key];
            (string? given, string? before) = (setting.TextOf(context.Settings.Config), setting.TextOf(kept));
            if (origin.Layer is SettingLayer.Environment or SettingLayer.Option && given != before)
            {
                yield return new Problem(origin.Text, $"{origin.Text} gives {setting.Key} the value {given ?? "nothing"}; the run was started with {before ?? "nothing"}.", "Leave it out, or start a new run.");
            }
        }
    }
}
