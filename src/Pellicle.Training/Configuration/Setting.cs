using System.Diagnostics.CodeAnalysis;

namespace Pellicle.Training.Configuration;

/// <summary>One setting of a run: its key, its option, what it means, how it is read and written.</summary>
public abstract class Setting
{
    private protected Setting(string key, string option, string? valueName, string summary)
    {
        Key = key;
        Option = option;
        ValueName = valueName;
        Summary = summary;
    }

    /// <summary>Key in files and <c>--set</c>, such as <c>privacy.maxGradNorm</c>.</summary>
    public string Key { get; }

    /// <summary>Option of the command line, such as <c>--max-grad-norm</c>.</summary>
    public string Option { get; }

    /// <summary>Name of the value in the help; null for a switch.</summary>
    public string? ValueName { get; }

    /// <summary>One line for the help, without default.</summary>
    public string Summary { get; }

    /// <summary>What a value must be.</summary>
    public abstract string Expected { get; }

    /// <summary>Name of the variable that sets it, such as <c>PELLICLE_PRIVACY__MAXGRADNORM</c>.</summary>
    public string Variable => "PELLICLE_" + Key.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>The value as text.</summary>
    /// <param name="config">A configuration.</param>
    /// <returns>Text that <see cref="TrySet"/> reads back; null for a value that is not set.</returns>
    public abstract string? TextOf(TrainConfig config);

    /// <summary>Sets the value from text.</summary>
    /// <param name="config">A configuration.</param>
    /// <param name="text">The value; null for "not set".</param>
    /// <param name="result">The configuration with the value, if the result is true.</param>
    /// <returns>False if the text is not such a value; the caller reports <see cref="Expected"/>.</returns>
    public abstract bool TrySet(TrainConfig config, string? text, [NotNullWhen(true)] out TrainConfig? result);

    /// <summary>True if the value is a list or a text, so that it needs quotes or brackets in YAML.</summary>
    internal abstract SettingShape Shape { get; }
}

/// <summary>How a value is written in YAML.</summary>
internal enum SettingShape
{
    /// <summary>A number, a switch or a choice.</summary>
    Plain,

    /// <summary>Free text.</summary>
    Text,

    /// <summary>A list of plain values.</summary>
    PlainList,

    /// <summary>A list of texts.</summary>
    TextList,
}

/// <summary>A setting of one type.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal sealed class Setting<T>(
    string key, string option, string? valueName, string summary, SettingValue<T> value, Func<TrainConfig, T> get, Func<TrainConfig, T, TrainConfig> set)
    : Setting(key, option, valueName, summary)
{
    public override string Expected => value.Expected;

    internal override SettingShape Shape =>
        typeof(T) == typeof(string) ? SettingShape.Text
        : typeof(T) == typeof(SettingList<string>) ? SettingShape.TextList
        : typeof(T) == typeof(SettingList<double>) || typeof(T) == typeof(SettingList<int>) || typeof(T) == typeof(SettingList<BudgetNorm>) ? SettingShape.PlainList
        : SettingShape.Plain;

    public override string? TextOf(TrainConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return value.Write(get(config));
    }

    public override bool TrySet(TrainConfig config, string? text, [NotNullWhen(true)] out TrainConfig? result)
    {
        ArgumentNullException.ThrowIfNull(config);
        bool ok = value.Read(text, out T found);
        result = ok ? set(config, found) : null;
        return ok;
    }
}
