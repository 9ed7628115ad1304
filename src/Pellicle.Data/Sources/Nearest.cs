namespace Pellicle.Data.Sources;

/// <summary>The known name that is closest to a mistyped one.</summary>
internal static class Nearest
{
    /// <returns>A name at most a third of its length away by insertions, deletions and replacements, or null.</returns>
    internal static string? Of(string name, IEnumerable<string> known)
    {
        string lower = name.Length <= 64 ? name.ToLowerInvariant() : "";
        return known
            .Where(k => k.Length is > 0 and <= 64)
            .Select(k => (Name: k, Distance: Distance(lower, k.ToLowerInvariant())))
            .Where(k => k.Distance <= Math.Max(2, k.Name.Length / 3))
            .OrderBy(k => k.Distance)
            .Select(k => k.Name)
            .FirstOrDefault();
    }

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
