using System.Globalization;

namespace Pellicle.Reporting.Charts;

/// <summary>One axis of a chart: data range, scale and ticks.</summary>
internal sealed class Axis
{
    private Axis(string label, double low, double high, bool isLogarithmic, IReadOnlyList<(double Value, string Text)> ticks)
    {
        Label = label;
        Low = low;
        High = high;
        IsLogarithmic = isLogarithmic;
        Ticks = ticks;
    }

    public string Label { get; }

    public double Low { get; }

    public double High { get; }

    public bool IsLogarithmic { get; }

    public IReadOnlyList<(double Value, string Text)> Ticks { get; }

    /// <summary>A linear axis that holds all values and ends on round numbers.</summary>
    public static Axis Linear(string label, IEnumerable<double> values, bool fromZero = false)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        double low = finite.Length == 0 ? 0 : finite.Min();
        double high = finite.Length == 0 ? 1 : finite.Max();
        if (fromZero)
        {
            low = Math.Min(low, 0);
        }

        if (high - low < 1e-12 * Math.Max(1, Math.Abs(high)))
        {
            high = low + Math.Max(1, Math.Abs(low) * 0.1);
        }

        double step = NiceStep((high - low) / 5);
        long first = (long)Math.Floor(low / step + 1e-9);
        long last = (long)Math.Ceiling(high / step - 1e-9);
        string format = step >= 1 ? "#,0" : "0." + new string('0', (int)Math.Clamp(Math.Ceiling(-Math.Log10(step) - 1e-9), 1, 9));
        var ticks = new List<(double, string)>();
        for (long i = first; i <= last; i++)
        {
            ticks.Add((i * step, (i * step).ToString(format, CultureInfo.InvariantCulture)));
        }

        return new Axis(label, first * step, last * step, isLogarithmic: false, ticks);
    }

    /// <summary>A linear axis with given ends, for rates and areas.</summary>
    public static Axis Between(string label, double low, double high, double step) => new(
        label, low, high, isLogarithmic: false,
        [.. Enumerable.Range(0, (int)Math.Round((high - low) / step) + 1).Select(i => (low + i * step, (low + i * step).ToString("0.0#", CultureInfo.InvariantCulture)))]);

    /// <summary>A logarithmic axis with a tick per power of ten.</summary>
    public static Axis Logarithmic(string label, double low, double high)
    {
        int first = (int)Math.Floor(Math.Log10(low) + 1e-9);
        int last = Math.Max(first + 1, (int)Math.Ceiling(Math.Log10(high) - 1e-9));
        int stride = Math.Max(1, (last - first + 7) / 8);
        var ticks = new List<(double, string)>();
        for (int power = first; power <= last; power += stride)
        {
            ticks.Add((Math.Pow(10, power), power is >= -3 and <= 3 ? Math.Pow(10, power).ToString("#,0.###", CultureInfo.InvariantCulture) : $"1e{power}"));
        }

        return new Axis(label, Math.Pow(10, first), Math.Pow(10, last), isLogarithmic: true, ticks);
    }

    /// <summary>Place of a value, 0 at the low end and 1 at the high end; clamped, so that nothing is drawn outside.</summary>
    public double Place(double value)
    {
        double place = IsLogarithmic
            ? (Math.Log(Math.Max(value, Low)) - Math.Log(Low)) / (Math.Log(High) - Math.Log(Low))
            : (value - Low) / (High - Low);
        return double.IsNaN(place) ? 0 : Math.Clamp(place, 0, 1);
    }

    private static double NiceStep(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double lead = rough / power;
        return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 2.5 ? 2.5 : lead <= 5 ? 5 : 10) * power;
    }
}
