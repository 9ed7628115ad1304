using System.Globalization;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Makes yes or no of an attribute: numbers with more than two values by their median, others by whether they are the most frequent value.</summary>
internal static class BinaryAttribute
{
    /// <summary>Splits values.</summary>
    /// <returns>All alike if the values are.</returns>
    public static bool[] Of(IReadOnlyList<string> values)
    {
        double[] numbers = [.. values.Select(v => double.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN)];
        if (numbers.All(double.IsFinite) && numbers.Distinct().Count() > 1)
        {
            double[] distinct = [.. numbers.Distinct().Order()];
            double median = numbers.Order().ElementAt(numbers.Length / 2);
            double threshold = distinct.Length == 2 || median == distinct[0] ? distinct[1] : median;
            return Array.ConvertAll(numbers, number => number >= threshold);
        }

        string most = values.GroupBy(v => v).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).First().Key;
        return [.. values.Select(v => v == most)];
    }
}
