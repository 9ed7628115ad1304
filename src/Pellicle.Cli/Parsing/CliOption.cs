using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Pellicle.Cli.Parsing;

/// <summary>Makes options and arguments whose refusals read like all our errors: what was wrong, what was expected.</summary>
internal static class CliOption
{
    public static Option<bool> Flag(string name, string summary, params string[] aliases) =>
        new(name, aliases) { Description = summary, Arity = ArgumentArity.Zero };

    public static Option<string?> Text(string name, string valueName, string summary) =>
        new(name) { HelpName = valueName, Description = summary, Arity = ArgumentArity.ExactlyOne };

    public static Option<string[]> Texts(string name, string valueName, string summary) =>
        new(name) { HelpName = valueName, Description = summary, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    public static Option<int?> Whole(string name, string valueName, string summary, int least, int most = int.MaxValue) =>
        Parsed<int?>(name, valueName, summary, $"a whole number from {least} to {most}", text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value : null);

    public static Option<double?> Number(string name, string valueName, string summary, string expected, Func<double, bool> isValid) =>
        Parsed<double?>(name, valueName, summary, expected, text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && isValid(value) ? value : null);

    public static Option<string?> Choice(string name, string valueName, string summary, params string[] choices) =>
        Parsed<string?>(name, valueName, summary, choices.Length == 1 ? choices[0] : $"{string.Join(", ", choices[..^1])} or {choices[^1]}", text =>
            Array.Find(choices, choice => string.Equals(choice, text, StringComparison.OrdinalIgnoreCase)));

    /// <summary>A comma-separated list.</summary>
    public static Option<string[]?> List(string name, string valueName, string summary, string expected, Func<string, bool> isValidItem) =>
        Parsed<string[]?>(name, valueName, summary, expected, text =>
        {
            string[] items = text.Split(',', StringSplitOptions.TrimEntries);
            return Array.TrueForAll(items, item => item.Length > 0 && isValidItem(item)) ? items : null;
        });

    public static Argument<string?> Operand(string name, string summary, bool isRequired = true) =>
        new(name) { Description = summary, Arity = isRequired ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne };

    public static Argument<string[]> Operands(string name, string summary, bool isRequired = true) =>
        new(name) { Description = summary, Arity = isRequired ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore };

    /// <summary>Gives an option further names.</summary>
    public static T Also<T>(this T option, params string[] aliases)
        where T : Option
    {
        foreach (string alias in aliases)
        {
            option.Aliases.Add(alias);
        }

        return option;
    }

    /// <summary>An option whose text is read by a function that gives null for text it refuses.</summary>
    private static Option<T> Parsed<T>(string name, string valueName, string summary, string expected, Func<string, T?> read) =>
        new(name)
        {
            HelpName = valueName,
            Description = summary,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => Read(result, name, expected, read)!,
        };

    private static T? Read<T>(ArgumentResult result, string name, string expected, Func<string, T?> read)
    {
        string text = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
        T? value = read(text);
        if (value is null)
        {
            result.AddError($"{name} is '{text}'; expected {expected}.");
        }

        return value;
    }
}
