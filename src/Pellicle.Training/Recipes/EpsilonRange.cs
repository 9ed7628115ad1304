using System.Globalization;
using System.Text.RegularExpressions;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Recipes;

/// <summary>Settings of a recipe for a range of target epsilons, or for ordinary training.</summary>
/// <param name="Text">As in the file: <c>0-2</c>, or <c>non-private</c>.</param>
/// <param name="Above">Lower end, not part of the range.</param>
/// <param name="UpTo">Upper end, part of the range.</param>
/// <param name="Settings">Settings that replace those of the whole recipe.</param>
public sealed partial record EpsilonRange(string Text, double Above, double UpTo, IReadOnlyList<RawSetting> Settings)
{
    /// <summary>Name of the range that stands for ordinary training.</summary>
    public const string NonPrivate = "non-private";

    /// <summary>True if the range is for this run.</summary>
    /// <param name="privacy">The choice of guarantee.</param>
    public bool Holds(PrivacySection privacy)
    {
        ArgumentNullException.ThrowIfNull(privacy);
        return Text == NonPrivate ? privacy.NonPrivate : privacy.TargetEpsilon is { } epsilon && epsilon > Above && epsilon <= UpTo;
    }

    /// <summary>Splits a flattened key such as <c>0-2.train.lr</c>.</summary>
    /// <param name="key">What follows <c>epsilon.</c> in the file.</param>
    /// <returns>Range and setting; null if the text is no such key.</returns>
    internal static (string Range, double Above, double UpTo, string Setting)? Split(string key)
    {
        Match match = Form().Match(key);
        if (!match.Success)
        {
            return null;
        }

        string setting = match.Groups["setting"].Value;
        if (match.Groups["none"].Success)
        {
            return (NonPrivate, double.NaN, double.NaN, setting);
        }

        double above = double.Parse(match.Groups["above"].Value, CultureInfo.InvariantCulture);
        double upTo = double.Parse(match.Groups["upTo"].Value, CultureInfo.InvariantCulture);
        return upTo > above ? ($"{match.Groups["above"].Value}-{match.Groups["upTo"].Value}", above, upTo, setting) : null;
    }

    [GeneratedRegex(@"^(?:(?<none>non-private)|(?<above>\d{1,4}(?:\.\d{1,4})?)-(?<upTo>\d{1,4}(?:\.\d{1,4})?))\.(?<setting>[A-Za-z].*)$")]
    private static partial Regex Form();
}
