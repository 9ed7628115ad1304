using Pellicle.Reporting.Html;

namespace Pellicle.Reporting.Charts;

/// <summary>A chart with legend and caption.</summary>
internal static class Figure
{
    public static void Add(HtmlText page, string svg, string caption, IReadOnlyList<Series>? legend = null)
    {
        page.Open("figure").Trusted(svg);
        if (legend is { Count: > 1 })
        {
            page.Open("ul", "legend");
            foreach (Series series in legend)
            {
                page.Open("li").Open("svg", null, ("viewBox", "0 0 32 12"), ("aria-hidden", "true"))
                    .Open("line", "line " + series.StrokeClass, ("x1", "1"), ("y1", "6"), ("x2", "31"), ("y2", "6")).Close("line").Close("svg")
                    .Text(series.Name).Close("li");
            }

            page.Close("ul");
        }

        page.Element("figcaption", caption).Close("figure");
    }
}
