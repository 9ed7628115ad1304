namespace Pellicle.Training.Configuration;

/// <summary>Finds the known name that a mistyped one was probably meant to be.</summary>
public static class NearestName
{
    /// <summary>The nearest known name by edit distance (insert, delete, replace, swap of neighbours), or null if none is near.</summary>
    /// <param name="name">As typed.</param>
    /// <param name="known">Candidates; the first of equally near ones wins.</param>
    /// <returns>A candidate at most a third of the letters away (at least one, at most three), or one that <paramref name="name"/> begins.</returns>
    public static string? Find(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        if (name.Length is 0 or > 100)
        {
            return null;
        }

        string? best = null;
        int bestDistance = int.MaxValue;
        string? beginning = null;
        foreach (string candidate in known)
        {
            int distance = Distance(Simplify(name), Simplify(candidate));
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }

            if (beginning is null && Simplify(name).Length >= 3 && Simplify(candidate).StartsWith(Simplify(name), StringComparison.Ordinal))
            {
                beginning = candidate;
            }
        }

        return bestDistance <= Math.Clamp(Simplify(name).Length / 3, 1, 3) ? best : beginning;
    }

    private static string Simplify(string name) =>
        new([.. name.Where(c => c is not ('-' or '_')).Select(char.ToLowerInvariant)]);

    private static int Distance(string a, string b)
    {
        int[] beforeLast = new int[b.Length + 1];
        int[] last = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replace, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            (beforeLast, last) = (last, row);
        }

        return last[b.Length];
    }
}
