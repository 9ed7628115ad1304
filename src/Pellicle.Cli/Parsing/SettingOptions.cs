using System.CommandLine;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli.Parsing;

/// <summary>Options that set settings of the configuration: made from the catalogue, so that option, key and help agree.</summary>
internal static class SettingOptions
{
    private static readonly Dictionary<string, Option> Known = [];

    /// <summary>The option of a setting; the same object each time, so that global and command options are one.</summary>
    /// <param name="setting">From the catalogue.</param>
    public static Option<string[]> For(Setting setting) => (Option<string[]>)Get(setting, () => CliOption.Texts(setting.Option, setting.ValueName!, Summary(setting)));

    /// <summary>Options of all settings whose key begins so, but not the global ones.</summary>
    /// <param name="sections">Such as <c>privacy</c>.</param>
    public static IReadOnlyList<Option> Of(params string[] sections) =>
        [.. SettingCatalog.All.Where(s => sections.Contains(s.Key.Split('.')[0]) && s.Key.Contains('.', StringComparison.Ordinal)).Select(Any)];

    /// <summary>Options of some settings.</summary>
    /// <param name="keys">Keys such as <c>privacy.delta</c>.</param>
    public static IReadOnlyList<Option> Named(params string[] keys) => [.. keys.Select(key => Any(SettingCatalog.Find(key)!))];

    /// <summary>Reads the options that were given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>Raw settings in catalogue order, then those of <c>--set</c>.</returns>
    public static IReadOnlyList<RawSetting> Read(ParseResult parsed)
    {
        var settings = new List<RawSetting>();
        foreach (Setting setting in SettingCatalog.All)
        {
            if (Known.TryGetValue(setting.Key, out Option? option) && parsed.GetResult(option) is { Implicit: false } given)
            {
                IEnumerable<string> values = setting.ValueName is null ? ["true"] : given.Tokens.Select(token => token.Value);
                settings.AddRange(values.Select(text => new RawSetting(setting.Key, text, new SettingOrigin(SettingLayer.Option, setting.Option))));
            }
        }

        foreach (string pair in parsed.GetResult(GlobalOptions.Set)?.Tokens.Select(token => token.Value) ?? [])
        {
            int sign = pair.IndexOf('=', StringComparison.Ordinal);
            string text = sign < 0 ? "" : pair[(sign + 1)..];
            settings.Add(new RawSetting(sign < 0 ? pair : pair[..sign], text == "null" ? null : text, new SettingOrigin(SettingLayer.Option, "--set " + pair)));
        }

        return settings;
    }

    private static Option Any(Setting setting) =>
        setting.ValueName is null ? Get(setting, () => CliOption.Flag(setting.Option, Summary(setting))) : For(setting);

    private static Option Get(Setting setting, Func<Option> make)
    {
        lock (Known)
        {
            if (!Known.TryGetValue(setting.Key, out Option? option))
            {
                Known[setting.Key] = option = make();
            }

            return option;
        }
    }

    private static string Summary(Setting setting)
    {
        string? value = setting.TextOf(new TrainConfig());
        return value is null || setting.ValueName is null ? setting.Summary : $"{setting.Summary} [{value}]";
    }
}
