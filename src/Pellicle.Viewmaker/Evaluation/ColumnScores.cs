using Pellicle.Training.Metrics;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>Scores of one reader for one column on images whose class is known, ranked once, so that they can be resampled.</summary>
internal sealed class ColumnScores
{
    private const int MostRocPoints = 60;
    private readonly RankedScores[] _ranked;
    private readonly int[] _rows;

    private ColumnScores(RankedScores[] ranked, int[] rows)
    {
        _ranked = ranked;
        _rows = rows;
    }

    /// <summary>Ranks scores.</summary>
    /// <param name="margins">n scores a class.</param>
    /// <param name="column">n labels; unknown ones are left out.</param>
    /// <param name="keep">Rows to use; null for all.</param>
    public static ColumnScores Of(double[][] margins, SubjectColumn column, Func<int, bool>? keep = null)
    {
        int[] rows = [.. Enumerable.Range(0, column.Labels.Count).Where(row => column.Labels[row] >= 0 && (keep is null || keep(row)))];
        // With two classes the second class says it all.
        IEnumerable<int> classes = column.Classes.Count == 2 ? [1] : Enumerable.Range(0, column.Classes.Count);
        return new ColumnScores(
            [.. classes.Select(k => new RankedScores(Array.ConvertAll(rows, row => margins[k][row]), Array.ConvertAll(rows, row => column.Labels[row] == k)))],
            rows);
    }

    /// <summary>Number of images.</summary>
    public int Count => _rows.Length;

    /// <summary>AUC of class 1, or the mean of one against rest.</summary>
    /// <param name="weights">Multiplicity of each of the n images, or empty.</param>
    /// <returns>Null if a class is missing.</returns>
    public double? Auc(ReadOnlySpan<int> weights = default)
    {
        double[] areas = Areas(weights);
        return areas.Length == 0 ? null : areas.Average();
    }

    /// <summary>Leakage max(AUC, 1 − AUC), of the worst class: an inverted reading leaks as much as the reading itself.</summary>
    /// <param name="weights">Multiplicity of each of the n images, or empty.</param>
    /// <returns>0.5 to 1; null if a class is missing.</returns>
    public double? Leakage(ReadOnlySpan<int> weights = default)
    {
        double[] areas = Areas(weights);
        return areas.Length == 0 ? null : areas.Max(area => Math.Max(area, 1 - area));
    }

    /// <summary>ROC curve of class 1, thinned for drawing; empty for more than two classes, or if a class is missing.</summary>
    public IReadOnlyList<RocPoint> RocPoints()
    {
        IReadOnlyList<RocPoint> points = _ranked.Length == 1 ? _ranked[0].Roc()?.Points ?? [] : [];
        int step = Math.Max(1, points.Count / MostRocPoints);
        return [.. points.Where((_, i) => i % step == 0 || i == points.Count - 1)];
    }

    /// <summary>Average precision of class 1, or the mean over classes.</summary>
    public double? AveragePrecision() => _ranked.Select(ranked => ranked.AveragePrecision()).Average();

    private double[] Areas(ReadOnlySpan<int> weights)
    {
        int[] own = weights.IsEmpty ? [] : new int[_rows.Length];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = weights[_rows[i]];
        }

        var areas = new List<double>();
        foreach (RankedScores ranked in _ranked)
        {
            if (ranked.AreaUnderRoc(own) is { } area)
            {
                areas.Add(area);
            }
        }

        return [.. areas];
    }
}
