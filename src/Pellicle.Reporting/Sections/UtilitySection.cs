using System.Globalization;
using Pellicle.Reporting.Charts;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Metrics;

namespace Pellicle.Reporting.Sections;

/// <summary>How well the model works, in all and by subgroup.</summary>
internal static class UtilitySection
{
    private const int SmallGroup = 50;
    private const int LargestMatrix = 12;

    public static void Add(HtmlText page, RunContent run, string id)
    {
        page.Element("h2", "Utility");
        if (run.Headline is not { } main)
        {
            page.Element("p", "The run has no evaluation (eval-test.json is missing). Run pellicle eval on it.");
            return;
        }

        page.Table(
            $"Intervals: 95 %, bootstrap with {Numbers.Count(main.Bootstrap.Replicates)} replicates over {main.Bootstrap.ResampledUnit}s."
                + (main.CoveredByGuarantee ? string.Empty : " Computed from images outside the guarantee of training."),
            ["metric", .. run.Evaluations.Select(e => e.Split)],
            Rows(run.Evaluations));
        AddConfusion(page, main);
        int index = 0;
        foreach (IGrouping<string, GroupMetrics> attribute in main.Groups.GroupBy(g => g.Attribute))
        {
            AddGroups(page, main, attribute.Key, [.. attribute], id, index++);
        }

        if (main.Groups.Count == 0)
        {
            page.Element("h3", "Subgroups").Element("p", "No subgroups were evaluated. Run pellicle eval with --by sex,age (or other columns) to see whether the model serves all groups alike; noise and clipping often cost small groups more.");
        }
    }

    private static List<IReadOnlyList<string>> Rows(IReadOnlyList<EvalResult> evaluations)
    {
        (string Name, Func<ClassificationMetrics, string> Value)[] rows =
        [
            ("images", m => Numbers.Count(m.N)),
            ("AUC", m => Numbers.WithInterval(m.Auc, m.Intervals.Auc)),
            ("accuracy", m => Numbers.WithInterval(m.Accuracy, m.Intervals.Accuracy)),
            ("balanced accuracy", m => Numbers.WithInterval(m.BalancedAccuracy, m.Intervals.BalancedAccuracy)),
            ("macro F1", m => Numbers.Rate(m.MacroF1)),
            ("average precision", m => Numbers.Rate(m.Auprc)),
            ("Cohen's kappa", m => Numbers.Rate(m.Kappa)),
            ("loss (nats)", m => Numbers.Rate(m.Loss)),
            ("Brier score", m => Numbers.Rate(m.Brier)),
            ("calibration error (ECE)", m => Numbers.Rate(m.Ece)),
        ];
        return [.. rows.Select(row => (IReadOnlyList<string>)[row.Name, .. evaluations.Select(e => row.Value(e.Metrics))])];
    }

    private static void AddConfusion(HtmlText page, EvalResult evaluation)
    {
        IReadOnlyList<IReadOnlyList<int>> counts = evaluation.Metrics.Confusion;
        if (counts.Count > LargestMatrix || counts.Count != evaluation.Classes.Count || counts.Any(row => row.Count != counts.Count))
        {
            return;
        }

        page.Open("div", "scroll").Open("table", "matrix").Element("caption", "Confusion: rows are the truth, columns the prediction; the shade is the share of the row.").Open("thead").Open("tr").Element("th", "truth \\ predicted");
        foreach (string name in evaluation.Classes)
        {
            page.Element("th", name);
        }

        page.Close("tr").Close("thead").Open("tbody");
        for (int k = 0; k < counts.Count; k++)
        {
            double total = Math.Max(1, counts[k].Sum());
            page.Open("tr").Open("th", null, ("scope", "row")).Text(evaluation.Classes[k]).Close("th");
            foreach (int count in counts[k])
            {
                string shade = (count / total * 0.45).ToString("0.###", CultureInfo.InvariantCulture);
                page.Open("td", null, ("style", $"background:rgba(var(--heat),{shade})")).Text(Numbers.Count(count)).Close("td");
            }

            page.Close("tr");
        }

        page.Close("tbody").Close("table").Close("div");
    }

    private static void AddGroups(HtmlText page, EvalResult evaluation, string attribute, IReadOnlyList<GroupMetrics> groups, string id, int index)
    {
        page.Element("h3", $"By {attribute}");
        bool hasArea = groups.Any(g => g.Metrics.Auc is not null);
        double? Figure(ClassificationMetrics m) => hasArea ? m.Auc : m.Accuracy;
        Interval? Range(ClassificationMetrics m) => hasArea ? m.Intervals.Auc : m.Intervals.Accuracy;
        GroupMetrics[] drawn = [.. groups.Where(g => Figure(g.Metrics) is not null)];
        if (drawn.Length > 0)
        {
            double lowest = drawn.Min(g => Range(g.Metrics)?.Low ?? Figure(g.Metrics)!.Value);
            double low = Math.Min(hasArea ? 0.5 : 1, Math.Floor(lowest * 10) / 10);
            low = Math.Min(low, 0.9);
            string name = hasArea ? "AUC" : "accuracy";
            Charts.Figure.Add(
                page,
                IntervalChart.Draw(
                    $"{id}-group{index}",
                    $"{name} by {attribute}",
                    string.Join("; ", drawn.Select(g => $"{g.Value}: {Numbers.WithInterval(Figure(g.Metrics), Range(g.Metrics))}")),
                    Axis.Between(name, low, 1, low < 0.45 ? 0.2 : 0.1),
                    [.. drawn.Select(g => new IntervalRow($"{g.Value} (n = {Numbers.Count(g.Metrics.N)})", Figure(g.Metrics)!.Value, Range(g.Metrics), Numbers.Rate(Figure(g.Metrics))))],
                    Figure(evaluation.Metrics)),
                $"{name} of each group with its 95 % interval; the dashed line is all images. Intervals that hardly overlap point to a real difference.");
        }

        page.Table(
            $"Groups by {attribute}, {evaluation.Split} split.",
            ["group", "images", "AUC", "accuracy", "balanced accuracy"],
            groups.Select(g => (IReadOnlyList<string>)
            [
                g.Value, Numbers.Count(g.Metrics.N), Numbers.WithInterval(g.Metrics.Auc, g.Metrics.Intervals.Auc), Numbers.WithInterval(g.Metrics.Accuracy, g.Metrics.Intervals.Accuracy),
                Numbers.WithInterval(g.Metrics.BalancedAccuracy, g.Metrics.Intervals.BalancedAccuracy),
            ]));
        if (groups.Any(g => g.Metrics.N < SmallGroup))
        {
            page.Element("p", "small muted", p => p.Text($"Groups below {SmallGroup} images: read the intervals, not the values. A published figure of a very small group can also point to single patients."));
        }
    }
}
