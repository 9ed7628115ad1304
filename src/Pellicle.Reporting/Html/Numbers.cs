using System.Globalization;
using Pellicle.Training.Metrics;

namespace Pellicle.Reporting.Html;

/// <summary>How numbers are shown; a number that does not exist is a dash.</summary>
internal static class Numbers
{
    public const string None = "–";

    /// <summary>Three decimals, for rates and areas.</summary>
    public static string Rate(double? value) => value is { } v && double.IsFinite(v) ? v.ToString("0.000", CultureInfo.InvariantCulture) : None;

    public static string Percent(double? value) => value is { } v && double.IsFinite(v) ? (v * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %" : None;

    /// <summary>An interval in brackets.</summary>
    public static string Range(Interval? value) => value is { } v ? $"[{Rate(v.Low)}, {Rate(v.High)}]" : None;

    public static string WithInterval(double? value, Interval? interval) => interval is { } i ? $"{Rate(value)} {Range(i)}" : Rate(value);

    /// <summary>An upper bound on epsilon, rounded up so that the text never claims more privacy than was computed.</summary>
    public static string EpsilonUp(double? value) => value is { } v && double.IsFinite(v) ? (Math.Ceiling(v * 1000 - 1e-9) / 1000).ToString("0.###", CultureInfo.InvariantCulture) : None;

    /// <summary>A lower bound on epsilon, rounded down.</summary>
    public static string EpsilonDown(double? value) => value is { } v && double.IsFinite(v) ? (Math.Floor(v * 1000 + 1e-9) / 1000).ToString("0.###", CultureInfo.InvariantCulture) : None;

    /// <summary>Up to five significant digits, powers of ten for the very small and the very large.</summary>
    public static string General(double? value)
    {
        if (value is not { } v || !double.IsFinite(v))
        {
            return None;
        }

        double size = Math.Abs(v);
        return size != 0 && (size < 1e-3 || size >= 1e7) ? v.ToString("0.###e-0", CultureInfo.InvariantCulture) : v.ToString("#,0.#####", CultureInfo.InvariantCulture);
    }

    public static string Count(double? value) => value is { } v && double.IsFinite(v) ? v.ToString("#,0", CultureInfo.InvariantCulture) : None;

    public static string Seconds(double? value) => value switch
    {
        null => None,
        < 120 => value.Value.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 7200 => (value.Value / 60).ToString("0.0", CultureInfo.InvariantCulture) + " min",
        _ => (value.Value / 3600).ToString("0.0", CultureInfo.InvariantCulture) + " h",
    };
}
