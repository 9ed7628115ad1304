using Pellicle.Core.Errors;

namespace Pellicle.Training.Configuration;

/// <summary>Reads settings from environment variables: <c>PELLICLE_PRIVACY__DELTA</c> sets <c>privacy.delta</c>.</summary>
internal static class ConfigEnvironment
{
    private const string Prefix = "PELLICLE_";

    /// <summary>Reads all variables that name a setting.</summary>
    /// <param name="variables">The environment.</param>
    /// <param name="problems">Takes variables of that form that name none.</param>
    /// <returns>Settings in the order of variable names.</returns>
    public static IReadOnlyList<RawSetting> Read(IReadOnlyDictionary<string, string> variables, ICollection<Problem> problems)
    {
        var settings = new List<RawSetting>();
        foreach ((string name, string text) in variables.Where(v => v.Key.StartsWith(Prefix, StringComparison.Ordinal)).OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            Setting? setting = SettingCatalog.All.FirstOrDefault(s => Simplify(s.Variable) == Simplify(name));
            if (setting is not null)
            {
                settings.Add(new RawSetting(setting.Key, text, new SettingOrigin(SettingLayer.Environment, name)));
            }
            else if (name[Prefix.Length..].Contains("__", StringComparison.Ordinal))
            {
                // Variables without "__" belong to the launcher and to diagnosis.
                string? near = NearestName.Find(name, SettingCatalog.All.Select(s => s.Variable));
                problems.Add(new Problem(name, $"the variable {name} names no setting.", near is null ? "Remove it; 'pellicle train --help' lists all settings." : $"Did you mean {near}?"));
            }
        }

        return settings;
    }

    // MAX_GRAD_NORM and MAXGRADNORM are the same; the double underline between section and name is kept.
    private static string Simplify(string variable) =>
        string.Join('.', variable.Split("__").Select(part => part.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant()));
}
