using Pellicle.Reporting.Charts;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;
using Pellicle.Training.Runs;

namespace Pellicle.Reporting.Sections;

/// <summary>Training curves: loss, epsilon spent, clipped fraction.</summary>
internal static class TrainingSection
{
    private const int Points = 240;

    public static void Add(HtmlText page, RunContent run, string id)
    {
        page.Element("h2", "Training curves");
        if (run.Steps.Count == 0)
        {
            page.Element("p", "No step was recorded (metrics.jsonl is missing or empty).");
            return;
        }

        page.Element("p", "caution", p => p.Text(
            "Loss and clipped fraction are computed from the training images of each step. The guarantee does not cover them: remove this section before the report leaves the site."));
        double lastStep = run.Steps[^1].Step;
        page.Open("div", "pair");
        Chart(page, run, id + "-loss", "Training loss", "loss per image (nats)", step => step.Loss, lastStep, 0, "Mean over the images drawn, averaged over neighbouring steps.");
        Chart(page, run, id + "-epsilon", "Epsilon spent", "epsilon", step => step.Epsilon, lastStep, 1, $"Upper bound after each step {Wording.Qualifiers(run)}.", isMean: false);
        Chart(page, run, id + "-clipped", "Clipped fraction", "share of units clipped", step => step.ClippedFraction, lastStep, 2, "Near 1: the bound decides the step length. Near 0: the bound is loose and the noise larger than it need be.");
        Chart(page, run, id + "-lr", "Learning rate", "learning rate", step => step.Lr, lastStep, 3, "A function of the step number alone.", isMean: false);
        page.Close("div");
    }

    private static void Chart(HtmlText page, RunContent run, string id, string title, string label, Func<StepMetrics, double?> value, double lastStep, int color, string caption, bool isMean = true)
    {
        (double X, double Y)[] points = [.. run.Steps.Where(s => value(s) is { } v && double.IsFinite(v)).Select(s => ((double)s.Step, value(s)!.Value))];
        if (points.Length == 0)
        {
            return;
        }

        List<(double X, double Y)> thinned = Thin(points, isMean);
        Figure.Add(
            page,
            LineChart.Draw(
                id,
                title,
                $"{title} over {Numbers.Count(lastStep)} steps, from {Numbers.General(thinned[0].Y)} to {Numbers.General(thinned[^1].Y)}.",
                Axis.Linear("step", [0, lastStep]),
                Axis.Linear(label, thinned.Select(p => p.Y), fromZero: true),
                [new Series(title, thinned, color, HasMarkers: thinned.Count == 1)],
                height: 330),
            $"{title}. {caption}");
    }

    // Means of equal stretches, so that noise does not hide the trend; the last value of each stretch for quantities without noise.
    private static List<(double X, double Y)> Thin((double X, double Y)[] points, bool isMean)
    {
        int stretch = Math.Max(1, (points.Length + Points - 1) / Points);
        return
        [
            .. points.Chunk(stretch).Select(chunk => isMean ? (chunk.Average(p => p.X), chunk.Average(p => p.Y)) : chunk[^1]),
        ];
    }
}
