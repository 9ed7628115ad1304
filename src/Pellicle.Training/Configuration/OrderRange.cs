using System.Globalization;

namespace Pellicle.Training.Configuration;

/// <summary>Ranges in a list of RDP orders: <c>2..31</c> (by 1), <c>1.1..10.9:0.1</c> (by 0.1).</summary>
public static class OrderRange
{
    /// <summary>Most orders that one range may stand for.</summary>
    public const int Limit = 10_000;

    /// <summary>Writes a range out.</summary>
    /// <param name="text">A single order, or a range.</param>
    /// <returns>The orders as text, each a multiple of the step without rounding noise; null if this is no range.</returns>
    public static IReadOnlyList<string>? Expand(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int dots = text.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
        {
            return [text];
        }

        string rest = text[(dots + 2)..];
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (!TryRead(text[..dots], out decimal first)
            || !TryRead(colon < 0 ? rest : rest[..colon], out decimal last)
            || !TryRead(colon < 0 ? "1" : rest[(colon + 1)..], out decimal step)
            || step <= 0 || last < first || (last - first) / step > Limit)
        {
            return null;
        }

        var orders = new List<string>();
        for (decimal order = first; order <= last; order += step)
        {
            orders.Add(order.ToString(CultureInfo.InvariantCulture));
        }

        return orders;
    }

    private static bool TryRead(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value < 1_000_000;
}
