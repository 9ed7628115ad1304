using System.Security.Cryptography;
using System.Text;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Sweeps;

/// <summary>One training run of a sweep.</summary>
/// <param name="Settings">All settings that the sweep's file gives this run, by key.</param>
public sealed record SweepJob(IReadOnlyDictionary<string, string?> Settings)
{
    /// <summary>Hash of the settings, so that the same settings are the same job in every call.</summary>
    public string Id { get; } = Hash(Settings);

    /// <summary>The settings as they are given to a run.</summary>
    /// <param name="file">The sweep's file, for messages.</param>
    public IReadOnlyList<RawSetting> Raw(string file) =>
        [.. Settings.Select(s => new RawSetting(s.Key, s.Value, new SettingOrigin(SettingLayer.File, file)))];

    private static string Hash(IReadOnlyDictionary<string, string?> settings)
    {
        string text = string.Join('\n', settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value ?? "null"}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..10];
    }
}
