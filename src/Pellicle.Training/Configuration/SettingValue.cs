using System.Globalization;

namespace Pellicle.Training.Configuration;

/// <summary>How the text of one kind of setting is read and written.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Expected">Ends the sentence "expected …" of an error.</param>
/// <param name="Read">Gives false for text that is not such a value; null text stands for YAML's null.</param>
/// <param name="Write">The text that <paramref name="Read"/> reads back; null for null.</param>
internal sealed record SettingValue<T>(string Expected, SettingValue<T>.Reader Read, Func<T, string?> Write)
{
    /// <summary>Reads a text.</summary>
    /// <param name="text">The text, or null.</param>
    /// <param name="value">The value if the result is true.</param>
    /// <returns>False for text that is not such a value.</returns>
    public delegate bool Reader(string? text, out T value);
}

/// <summary>The kinds of values that settings have.</summary>
internal static class SettingValue
{
    public static SettingValue<string> Text(string expected = "a text", Func<string, bool>? isValid = null) =>
        new(expected, (string? text, out string value) => (value = text ?? "").Length > 0 && (isValid?.Invoke(text!) ?? true), value => value);

    public static SettingValue<bool> Flag { get; } = new(
        "true or false", (string? text, out bool value) => bool.TryParse(text, out value), value => value ? "true" : "false");

    public static SettingValue<ulong> Seed { get; } = new(
        "a whole number from 0 to 18446744073709551615",
        (string? text, out ulong value) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value),
        value => value.ToString());

    public static SettingValue<int> Whole(int least, int most) => new(
        $"a whole number from {least} to {most}",
        (string? text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
        value => value.ToString());

    public static SettingValue<long> WholeLong(long least, long most) => new(
        $"a whole number from {least} to {most}",
        (string? text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
        value => value.ToString());

    public static SettingValue<double> Number(string expected, Func<double, bool> isValid) => new(
        expected,
        (string? text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && isValid(value),
        value => value.ToString("R", CultureInfo.InvariantCulture));

    public static SettingValue<T> Choice<T>()
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetValues<T>().Select(v => ChoiceName(v.ToString()))];
        return new SettingValue<T>(
            names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}",
            (string? text, out T value) =>
            {
                int index = Array.FindIndex(names, name => Same(name, text));
                value = index < 0 ? default : Enum.GetValues<T>()[index];
                return index >= 0;
            },
            value => ChoiceName(value.ToString()));
    }

    public static SettingValue<T?> OrNothing<T>(SettingValue<T> inner, string nothing = "null")
        where T : struct =>
        new(nothing == "null" ? inner.Expected : $"{nothing} or {inner.Expected}",
            (string? text, out T? value) =>
            {
                value = null;
                if (text is null || text == nothing || text == "null")
                {
                    return true;
                }

                bool ok = inner.Read(text, out T found);
                value = found;
                return ok;
            },
            value => value is { } some ? inner.Write(some) : nothing == "null" ? null : nothing);

    public static SettingValue<string?> OrNothing(SettingValue<string> inner) =>
        new(inner.Expected,
            (string? text, out string? value) =>
            {
                value = null;
                return text is null or "null" || inner.Read(text, out value!);
            },
            value => value);

    public static SettingValue<SettingList<T>> List<T>(SettingValue<T> item, Func<string, IReadOnlyList<string>?>? expand = null) =>
        new($"a comma-separated list, each {item.Expected}",
            (string? text, out SettingList<T> value) =>
            {
                value = [];
                if (text is null or "null" or "" or "none")
                {
                    return true;
                }

                var items = new List<T>();
                foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
                {
                    IReadOnlyList<string>? expanded = expand is null ? [part] : expand(part);
                    if (expanded is null)
                    {
                        return false;
                    }

                    foreach (string single in expanded)
                    {
                        if (items.Count == 10_000 || !item.Read(single, out T one))
                        {
                            return false;
                        }

                        items.Add(one);
                    }
                }

                value = new SettingList<T>([.. items]);
                return true;
            },
            value => value.Count == 0 ? null : string.Join(",", value.Select(item.Write)));

    /// <summary>The name of an enum value as users write it: <c>PerLayer</c> is <c>per-layer</c>.</summary>
    private static string ChoiceName(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));

    // JSON and C# write perLayer, options write per-layer: only casing and hyphens differ.
    private static bool Same(string name, string? text) =>
        text is not null && string.Equals(name.Replace("-", "", StringComparison.Ordinal), text.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}
