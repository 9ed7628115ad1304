namespace Pellicle.Training.Configuration;

/// <summary>A value as somebody wrote it, not yet understood.</summary>
/// <param name="Key">Such as <c>privacy.delta</c>, as written.</param>
/// <param name="Text">The value; items of a list joined by commas; null for YAML's or JSON's null.</param>
/// <param name="Origin">Where it was written.</param>
public sealed record RawSetting(string Key, string? Text, SettingOrigin Origin);
