using System.Globalization;
using Pellicle.Core.Errors;

namespace Pellicle.Viewmaker.Subjects;

/// <summary>A column of the table as classes: an attribute to hide, the task, or another attribute that is watched.</summary>
/// <param name="Name">Name of the column.</param>
/// <param name="Classes">Names of the classes, K at least 2.</param>
/// <param name="Labels">Class of each image, or −1 for unknown: such images teach and test nothing about this column.</param>
public sealed record SubjectColumn(string Name, IReadOnlyList<string> Classes, IReadOnlyList<int> Labels)
{
    private const int MostClasses = 20;
    private static readonly string[] Unknown = ["", "unknown", "unk", "nan", "na", "n/a", "none", "?", "other/unknown"];

    /// <summary>Makes classes of the values of a column.</summary>
    /// <param name="specification">A name, or a name with the edges of groups: "age:60" gives below 60, and 60 and above.</param>
    /// <param name="values">Value of each image.</param>
    /// <exception cref="UsageException">Edges are no rising numbers, or the column has fewer than two or more than 20 classes.</exception>
    public static SubjectColumn Of(string specification, IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(values);
        string name = NameOf(specification);
        double[] edges = [.. specification.Split(':').Skip(1).Select(text => Number(text) ?? throw new UsageException($"'{specification}' has the edge '{text}', which is no number.", "Write edges as in age:60 or age:40:60."))];
        double?[] numbers = [.. values.Select(Number)];
        bool areNumbers = values.Zip(numbers).All(pair => pair.Second is not null || IsUnknown(pair.First));
        if (edges.Length == 0 && areNumbers && numbers.OfType<double>().Distinct().Count() > MostClasses)
        {
            double[] sorted = [.. numbers.OfType<double>().Order()];
            edges = [sorted[sorted.Length / 2]];
        }

        SubjectColumn column = edges.Length > 0 ? Grouped(name, numbers, edges) : Named(name, values);
        return column.Classes.Count is >= 2 and <= MostClasses && column.Labels.Where(label => label >= 0).Distinct().Count() >= 2
            ? column
            : throw new UsageException($"column '{name}' gives {column.Labels.Where(label => label >= 0).Distinct().Count()} classes with images; expected 2 to {MostClasses}.", "Choose another column, or give other edges of groups, as in age:60.");
    }

    /// <summary>The name of a column without edges.</summary>
    /// <param name="specification">Such as "age:60".</param>
    public static string NameOf(string specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return specification.Split(':')[0].Trim();
    }

    /// <summary>The labels of some images.</summary>
    /// <param name="rows">Which.</param>
    public SubjectColumn Take(IReadOnlyList<int> rows) => this with { Labels = [.. rows.Select(row => Labels[row])] };

    private static SubjectColumn Grouped(string name, double?[] numbers, double[] edges)
    {
        if (!edges.SequenceEqual(edges.Distinct().Order()))
        {
            throw new UsageException($"the edges of '{name}' are {string.Join(":", edges)}; expected rising numbers.", "For example age:40:60.");
        }

        string[] classes = [$"below {edges[0]:R}", .. edges.Skip(1).Select((edge, i) => $"{edges[i]:R} to below {edge:R}"), $"{edges[^1]:R} and above"];
        return new SubjectColumn(name, classes, [.. numbers.Select(number => number is { } value ? edges.Count(edge => value >= edge) : -1)]);
    }

    private static SubjectColumn Named(string name, IReadOnlyList<string> values)
    {
        string[] classes = [.. values.Where(value => !IsUnknown(value)).Select(value => value.Trim()).Distinct().Order(StringComparer.Ordinal)];
        return new SubjectColumn(name, classes, [.. values.Select(value => IsUnknown(value) ? -1 : Array.IndexOf(classes, value.Trim()))]);
    }

    private static bool IsUnknown(string value) => Unknown.Contains(value.Trim().ToLowerInvariant());

    private static double? Number(string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
