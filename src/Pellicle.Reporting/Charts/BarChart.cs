namespace Pellicle.Reporting.Charts;

/// <summary>One bar of a <see cref="BarChart"/>.</summary>
/// <param name="Name">Shown at the left.</param>
/// <param name="Value">Length, at least 0.</param>
/// <param name="Text">Shown at the end of the bar.</param>
/// <param name="Color">Number of the colour, 0 … 4.</param>
internal sealed record Bar(string Name, double Value, string Text, int Color);

/// <summary>Horizontal bars from zero.</summary>
internal static class BarChart
{
    private const int LabelWidth = 230;

    public static string Draw(string id, string title, string description, string label, IReadOnlyList<Bar> bars)
    {
        // Room at the right for the texts.
        Axis x = Axis.Linear(label, bars.Select(bar => bar.Value * 1.15), fromZero: true);
        var plot = new Plot(id, title, description, x, y: null, height: 68 + 40 * bars.Count, left: LabelWidth);
        for (int i = 0; i < bars.Count; i++)
        {
            double y = plot.Row(i, bars.Count);
            plot.Label(bars[i].Name, LabelWidth - 10, y + 4, "end");
            plot.Bar($"f{bars[i].Color}", plot.X(0), y - 11, plot.X(bars[i].Value) - plot.X(0), 22);
            plot.Label(bars[i].Text, plot.X(bars[i].Value) + 7, y + 4, "start");
        }

        return plot.Finish();
    }
}
