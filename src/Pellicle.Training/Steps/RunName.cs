using System.Globalization;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Steps;

/// <summary>Names a run folder: date, data, network, budget.</summary>
internal static class RunName
{
    public static string Choose(string runsFolder, TrainConfig config, TrainSetup setup, TimeProvider clock)
    {
        string source = setup.Data.Dataset.Source;
        string data = Path.GetFileNameWithoutExtension(source[(source.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimEnd('/'));
        string budget = config.Privacy.NonPrivate ? "nonprivate"
            : config.Privacy.TargetEpsilon is { } epsilon ? "eps" + epsilon.ToString("0.###", CultureInfo.InvariantCulture)
            : "noise" + setup.Plan!.NoiseMultiplier.ToString("0.###", CultureInfo.InvariantCulture);
        string day = clock.GetLocalNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string name = $"{day}-{Clean(data)}-{Clean(config.Model.Name)}-{budget}";
        string path = Path.Combine(runsFolder, name);
        for (int i = 2; Directory.Exists(path) || File.Exists(path); i++)
        {
            path = Path.Combine(runsFolder, $"{name}-{i}");
        }

        return path;
    }

    private static string Clean(string text)
    {
        string cleaned = new([.. text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')]);
        return cleaned.Length == 0 ? "data" : cleaned[..Math.Min(cleaned.Length, 40)];
    }
}
