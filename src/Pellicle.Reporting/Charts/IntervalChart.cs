using Pellicle.Training.Metrics;

namespace Pellicle.Reporting.Charts;

/// <summary>One row of an <see cref="IntervalChart"/>.</summary>
/// <param name="Name">Shown at the left.</param>
/// <param name="Value">The dot.</param>
/// <param name="Interval">The whiskers, or null.</param>
/// <param name="Text">Shown at the right of the dot or the whisker.</param>
internal sealed record IntervalRow(string Name, double Value, Interval? Interval, string Text);

/// <summary>Dots with intervals in rows: groups beside each other on one scale.</summary>
internal static class IntervalChart
{
    private const int LabelWidth = 210;

    public static string Draw(string id, string title, string description, Axis x, IReadOnlyList<IntervalRow> rows, double? reference = null)
    {
        var plot = new Plot(id, title, description, x, y: null, height: 72 + 30 * rows.Count, left: LabelWidth);
        if (reference is { } at)
        {
            plot.Line("cm d1", plot.X(at), plot.Row(0, rows.Count) - 14, plot.X(at), plot.Row(rows.Count - 1, rows.Count) + 14);
        }

        for (int i = 0; i < rows.Count; i++)
        {
            double y = plot.Row(i, rows.Count);
            plot.Label(Shorten(rows[i].Name), LabelWidth - 10, y + 4, "end");
            if (rows[i].Interval is { } interval)
            {
                plot.Line("whisker c0", plot.X(interval.Low), y, plot.X(interval.High), y);
                plot.Line("whisker c0", plot.X(interval.Low), y - 5, plot.X(interval.Low), y + 5);
                plot.Line("whisker c0", plot.X(interval.High), y - 5, plot.X(interval.High), y + 5);
            }

            plot.Dot("f0", plot.X(rows[i].Value), y, 5);
            plot.Label(rows[i].Text, plot.X(rows[i].Value), y - 8, "middle", "tick");
        }

        return plot.Finish();
    }

    private static string Shorten(string name) => name.Length <= 28 ? name : name[..27] + "…";
}
