using Pellicle.Core.Files;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Tradeoff;
using Pellicle.Reporting.Charts;
using Pellicle.Reporting.Html;

namespace Pellicle.Reporting;

/// <summary>One self-contained page that puts ways to release the same images beside each other: use against re-identification.</summary>
public static class TradeoffReport
{
    private static readonly (string Family, string Title)[] Families = [("plain", "plain pictures"), ("neuracrypt", "NeuraCrypt"), ("mixing", "trained obfuscator"), ("noise", "noise with a stated bound")];

    /// <summary>Writes the page.</summary>
    /// <param name="result">Of <c>attack tradeoff</c>.</param>
    /// <param name="file">Where to.</param>
    public static void Write(TradeoffResult result, string file)
    {
        ArgumentNullException.ThrowIfNull(result);
        AtomicFile.WriteAllText(file, ReportPage.Document("Use against re-identification", page =>
        {
            page.Element("p", $"{result.Source}; task: {result.Task}, learned from {Numbers.Count(result.TrainImages)} pictures and judged on {Numbers.Count(result.TestImages)}. The classifier is plain, so that the areas are floors. Only noise has a stated bound; for all others there is no formal guarantee.");
            AddChart(page, result);
            AddTable(page, result);
            page.Open("ul");
            foreach (string sentence in HonestWording.Sentences)
            {
                page.Element("li", sentence);
            }

            page.Close("ul");
        }));
    }

    private static void AddChart(HtmlText page, TradeoffResult result)
    {
        List<Series> series = [];
        foreach ((string family, string title) in Families)
        {
            TradeoffPoint[] points = [.. result.Points.Where(point => point.Family == family && point.ControlsPassed)];
            if (points.Length > 0)
            {
                series.Add(new Series(title, [.. points.Select(point => ((double)Math.Max(1, point.Guesswork), point.Auc))], series.Count, Dash: series.Count, HasMarkers: true));
            }
        }

        Figure.Add(
            page,
            LineChart.Draw(
                "tradeoff", "Task AUC against guesses to the first hit", string.Join("; ", result.Points.Select(point => $"{point.Name}: AUC {Numbers.Rate(point.Auc)}, {point.Guesswork} guesses")),
                Axis.Logarithmic("guesses until an attacker is right for the first time", 1, Math.Max(10, result.Points.Max(point => point.Guesswork))), Axis.Linear("task AUC", [0.4, 1]), series),
            "Up and to the right is better. Guesswork is that of the luckiest attack tried; a stronger one may need fewer.",
            series);
    }

    private static void AddTable(HtmlText page, TradeoffResult result) => page.Table(
        "Area under the ROC curve with its 95 % interval; attacks with both controls.",
        ["release", "task AUC", "guesses to first hit", "assigned", "by", "controls", "bound"],
        result.Points.Select(point => (IReadOnlyList<string>)
        [
            point.Name, Numbers.WithInterval(point.Auc, point.AucInterval), Numbers.Count(point.Guesswork), Numbers.Percent(point.AssignmentAccuracy), point.WorstAttack, point.ControlsPassed ? "held" : "FAILED",
            point.Guarantee is { } g ? $"local ({Numbers.General(g.Epsilon)}, {Numbers.General(g.Delta)})-differential privacy; unit: {g.Unit}; sampling: {g.Sampling}; {g.Accountant}; clip {Numbers.General(Math.Round(g.Clip, 3))}, noise {Numbers.General(Math.Round(g.StandardDeviation, 3))}" : "none",
        ]));
}
