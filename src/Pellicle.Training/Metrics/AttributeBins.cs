using System.Globalization;

namespace Pellicle.Training.Metrics;

/// <summary>Turns values of an attribute into groups: categories as they are, ages in steps of 20 years, other columns of many numbers by quartiles.</summary>
internal sealed class AttributeBins
{
    private const int MostCategories = 12;

    private readonly double[]? _edges;

    private AttributeBins(double[]? edges) => _edges = edges;

    public static AttributeBins Of(string attribute, IReadOnlyList<string?> values)
    {
        string[] known = [.. values.OfType<string>().Where(v => v.Trim().Length > 0)];
        double[] numbers = [.. known.Select(Parse).OfType<double>().Order()];
        bool areNumbers = known.Length > 0 && numbers.Length == known.Length;
        bool isAge = attribute.Contains("age", StringComparison.OrdinalIgnoreCase)
            && (attribute.Equals("age", StringComparison.OrdinalIgnoreCase) || attribute.Split('_', ' ', '-').Contains("age", StringComparer.OrdinalIgnoreCase));
        if (areNumbers && isAge)
        {
            return new AttributeBins([20, 40, 60, 80]);
        }

        if (areNumbers && numbers.Distinct().Count() > MostCategories)
        {
            return new AttributeBins([.. new[] { 0.25, 0.5, 0.75 }.Select(p => numbers[(int)(p * (numbers.Length - 1))]).Distinct()]);
        }

        return new AttributeBins(null);
    }

    public (int Order, string Name) Place(string? value)
    {
        string trimmed = (value ?? string.Empty).Trim();
        if (trimmed.Length == 0)
        {
            return (int.MaxValue, "unknown");
        }

        if (_edges is null || Parse(trimmed) is not { } number)
        {
            return (0, trimmed);
        }

        int bin = _edges.Count(edge => number >= edge);
        string name = bin == 0 ? $"below {Text(_edges[0])}"
            : bin == _edges.Length ? $"{Text(_edges[^1])} and above"
            : $"{Text(_edges[bin - 1])} to below {Text(_edges[bin])}";
        return (bin, name);
    }

    private static double? Parse(string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    private static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
