using System.Text;
using System.Text.Json;
using Pellicle.Formats.Json;

namespace Pellicle.Training.Configuration;

/// <summary>Writes the effective settings as YAML.</summary>
internal static class ConfigYaml
{
    /// <summary>Writes every setting, also those that nobody changed.</summary>
    /// <param name="config">The settings.</param>
    /// <returns>YAML text with a final line feed.</returns>
    public static string Write(TrainConfig config)
    {
        var text = new StringBuilder("# Effective settings of this run (Pellicle privacy toolkit). Readable by --config.\n");
        string section = "";
        var untouched = new ObfuscateSection();
        foreach (Setting setting in SettingCatalog.All.OrderBy(s => s.Key.Contains('.', StringComparison.Ordinal)))
        {
            string[] key = setting.Key.Split('.');
            if (key[0] == "obfuscate" && config.Obfuscate == untouched)
            {
                continue; // a run of another kind
            }

            if (key.Length == 2 && key[0] != section)
            {
                section = key[0];
                text.Append(section).Append(":\n");
            }

            text.Append(key.Length == 2 ? "  " : "").Append(key[^1]).Append(": ").Append(Value(setting, setting.TextOf(config))).Append('\n');
        }

        return text.ToString();
    }

    private static string Value(Setting setting, string? text) => (setting.Shape, text) switch
    {
        (SettingShape.PlainList or SettingShape.TextList, null) => "[]",
        (_, null) => "null",
        (SettingShape.PlainList, _) => $"[{text.Replace(",", ", ", StringComparison.Ordinal)}]",
        (SettingShape.TextList, _) => $"[{string.Join(", ", text.Split(',').Select(Quote))}]",
        (SettingShape.Text, _) => Quote(text),
        _ => text,
    };

    // A JSON string is a valid double-quoted YAML scalar.
    private static string Quote(string text) => JsonSerializer.Serialize(text, PellicleJson.Line);
}
