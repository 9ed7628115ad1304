using System.Text;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli.Init;

/// <summary>A commented configuration for private training, made from the catalogue of settings: every setting, what it means, its built-in value.</summary>
internal static class ConfigTemplate
{
    // Settings that a first run has to think about; all others are commented out and keep their built-in values.
    private static readonly Dictionary<string, string> Chosen = new()
    {
        ["data.source"] = "null   # name your data here, or give --data",
        ["model.name"] = "cnn_small",
        ["privacy.targetEpsilon"] = "3",
        ["privacy.delta"] = "1e-5   # choose it below 1/n, n images or patients",
        ["train.batch"] = "256",
        ["train.epochs"] = "20",
        ["obfuscate.budget"] = "0.05",
    };

    private static readonly Dictionary<string, string> Headings = new()
    {
        ["data"] = "Where the images come from.",
        ["model"] = "The network.",
        ["privacy"] = "The guarantee. One of targetEpsilon, noiseMultiplier and nonPrivate is needed.",
        ["train"] = "How it is trained.",
        ["obfuscate"] = "Learned obfuscation (pellicle obfuscate train); train does not look at it.",
    };

    /// <summary>Writes the template.</summary>
    /// <returns>YAML that <c>train</c> accepts once the data are named.</returns>
    public static string Write()
    {
        var text = new StringBuilder("# Pellicle privacy toolkit: private training of an image classifier. Research use, not a medical device.\n# pellicle train pellicle.yaml --dry-run shows plan, layers and guarantee before anything is trained.\n");
        string section = "";
        TrainConfig builtIn = new();
        foreach (Setting setting in SettingCatalog.All.OrderBy(s => s.Key.Contains('.', StringComparison.Ordinal)))
        {
            string[] key = setting.Key.Split('.');
            string indent = key.Length == 2 ? "  " : "";
            if (key.Length == 2 && key[0] != section)
            {
                section = key[0];
                text.Append($"\n# {Headings.GetValueOrDefault(section, section)}\n{section}:\n");
            }

            string value = setting.TextOf(builtIn) ?? "null";
            text.Append(Chosen.TryGetValue(setting.Key, out string? chosen)
                ? $"{indent}# {setting.Summary}\n{indent}{key[^1]}: {chosen}\n"
                : $"{indent}# {setting.Summary}\n{indent}# {key[^1]}: {(value.Contains(',', StringComparison.Ordinal) ? $"[{value}]" : value)}\n");
        }

        return text.ToString();
    }
}
