namespace Pellicle.Data.Sources;

/// <summary>The class names of a data set, in the order of their indices.</summary>
internal sealed class ClassTable
{
    /// <summary>More classes than this are taken for a column that holds no classes.</summary>
    internal const int MaxClasses = 1000;
    private readonly Dictionary<string, int> _index;

    private ClassTable(IReadOnlyList<string> names)
    {
        Names = names;
        _index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            _index[names[i]] = i;
        }
    }

    internal IReadOnlyList<string> Names { get; }

    /// <summary>Sorts the labels: by number if all are whole numbers, otherwise by character codes.</summary>
    internal static ClassTable Of(IEnumerable<string> labels, DatasetOptions options, ProblemList problems)
    {
        if (options.Classes is { } given)
        {
            return new ClassTable(given);
        }

        string[] names = [.. labels.Distinct(StringComparer.Ordinal)];
        if (names.Length > MaxClasses)
        {
            problems.Add("labels", $"{names.Length} different labels, such as '{names[0]}' and '{names[1]}'; expected at most {MaxClasses} classes", "Name the column that holds the class with --label-column.");
            return new ClassTable([]);
        }

        bool numeric = names.All(n => n.Length is > 0 and <= 9 && n.All(char.IsAsciiDigit));
        return new ClassTable(numeric ? [.. names.OrderBy(int.Parse).ThenBy(n => n, StringComparer.Ordinal)] : [.. names.Order(StringComparer.Ordinal)]);
    }

    internal static bool IsUnlabelled(string label) => label.Length == 0 || label.Equals("unknown", StringComparison.OrdinalIgnoreCase);

    internal bool TryIndex(string label, out int index) => _index.TryGetValue(label, out index);
}
