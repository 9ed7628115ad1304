namespace Pellicle.Reporting.Charts;

/// <summary>Lines over one x axis, linear or logarithmic.</summary>
internal static class LineChart
{
    public static string Draw(string id, string title, string description, Axis x, Axis y, IReadOnlyList<Series> series, int height = 360)
    {
        var plot = new Plot(id, title, description, x, y, height);
        foreach (Series line in series)
        {
            plot.Curve(line);
        }

        return plot.Finish();
    }
}
