using System.Collections.Immutable;
using System.Globalization;
using Pellicle.Core.Errors;

namespace Pellicle.Privacy.Accounting;

/// <summary>Lists of Rényi orders.</summary>
public static class RdpOrders
{
    /// <summary>1.1, 1.2, …, 10.9 and 12, 13, …, 63: the list that other toolkits use.</summary>
    public static ImmutableArray<double> Common { get; } = [.. Enumerable.Range(11, 99).Select(i => i / 10.0), .. Enumerable.Range(12, 52).Select(i => (double)i)];

    /// <summary><see cref="Common"/> and 64, 80, 96, 128, 192, 256, 384, 512, 768, 1024, which small epsilons need.</summary>
    public static ImmutableArray<double> Default { get; } = [.. Common, 64, 80, 96, 128, 192, 256, 384, 512, 768, 1024];

    /// <summary>Reads a list such as "2..31" or "1.5,2,4..16,64".</summary>
    /// <param name="text">Numbers above 1 and ranges of whole numbers, separated by commas; braces are allowed.</param>
    /// <returns>Ascending, without repetition.</returns>
    /// <exception cref="UsageException">A part is no number or range, or not above 1; lists all such parts.</exception>
    public static ImmutableArray<double> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var orders = new SortedSet<double>();
        var problems = new List<Problem>();
        foreach (string part in text.Trim('{', '}', '[', ']', ' ').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryAdd(part, orders))
            {
                problems.Add(new Problem("--orders", $"'{part}' is not a Rényi order; expected a number above 1 and at most 100000, or a range of whole numbers such as 2..31.", "Use for example --orders 2..31 or --orders 1.5,2,4,8,16,32."));
            }
        }

        if (problems.Count > 0 || orders.Count == 0)
        {
            throw new UsageException(problems.Count > 0 ? problems[0].Message : $"--orders '{text}' contains no order.", "Use for example --orders 2..31 or --orders 1.5,2,4,8,16,32.", problems);
        }

        return [.. orders];
    }

    private static bool TryAdd(string part, SortedSet<double> orders)
    {
        int dots = part.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
        {
            bool isNumber = double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double order) && order > 1 && order <= 100_000;
            return isNumber && (orders.Add(order) || true);
        }

        if (!int.TryParse(part.AsSpan(0, dots), NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            || !int.TryParse(part.AsSpan(dots + 2), NumberStyles.None, CultureInfo.InvariantCulture, out int last)
            || first < 2 || last < first || last > 100_000)
        {
            return false;
        }

        for (int order = first; order <= last; order++)
        {
            orders.Add(order);
        }

        return true;
    }
}
