namespace Pellicle.Training.Configuration;

/// <summary>Where the value of a setting comes from.</summary>
/// <param name="Layer">Decides precedence.</param>
/// <param name="Text">Such as <c>built-in</c>, <c>pellicle.yaml:4</c>, <c>PELLICLE_PRIVACY__DELTA</c>, <c>--delta</c>.</param>
public sealed record SettingOrigin(SettingLayer Layer, string Text)
{
    /// <summary>The origin of values nobody gave.</summary>
    public static SettingOrigin BuiltIn { get; } = new(SettingLayer.BuiltIn, "built-in");

    /// <summary>True if what was given there is no value of the setting: the setting has the value of a lower layer.</summary>
    public bool IsRejected { get; init; }
}

/// <summary>Layers of configuration; a later one wins.</summary>
public enum SettingLayer
{
    /// <summary>Defaults of the program.</summary>
    BuiltIn,

    /// <summary>Recipe.</summary>
    Recipe,

    /// <summary>Configuration file.</summary>
    File,

    /// <summary>Environment variables.</summary>
    Environment,

    /// <summary>Options and <c>--set</c>.</summary>
    Option,
}
