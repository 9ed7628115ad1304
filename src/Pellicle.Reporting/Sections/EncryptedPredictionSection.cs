using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;

namespace Pellicle.Reporting.Sections;

/// <summary>Encrypted prediction with the run's model: guarantee, what becomes known, cost layer by layer, difference to the plain model. Absent if none was tried.</summary>
internal static class EncryptedPredictionSection
{
    public static void Add(HtmlText page, RunContent run)
    {
        if (run.EncryptedPrediction is not { } trial)
        {
            return;
        }

        JsonFields? cost = trial.Object("cost"), network = trial.Object("network"), threat = trial.Object("threatModel");
        page.Element("h2", "Encrypted prediction");
        page.Element("p", threat?.Text("text") ?? "The file says nothing about the threat model.");
        page.Open("dl", "facts");
        Fact(page, "Protocol", $"{trial.Text("protocol") ?? Numbers.None}, {Numbers.Count(trial.Number("parties"))} parties, {Numbers.Count(trial.Number("fractionalBits"))} fractional bits");
        Fact(page, "One prediction", $"{Seconds(cost?.Number("secondsOnline"))}, {Numbers.Count(cost?.Number("roundsOnline"))} rounds, {Megabytes(cost?.Number("bytesOnline"))} between the parties ({network?.Text("kind") ?? Numbers.None})");
        Fact(page, "Against the plain model", Difference(trial));
        Fact(page, "Revealed", string.Join(", ", trial.Texts("revealed")));
        Fact(page, "Becomes known", string.Join("; ", trial.Texts("leaks")));
        Fact(page, "Plan", trial.Text("planHash") ?? Numbers.None);
        page.Close("dl");
        if (trial.Flag("local") == true)
        {
            page.Element("p", "muted", p => p.Text("A trial: all parties ran on one machine, whose owner sees everything."));
        }

        page.Table(
            "Cost layer by layer",
            ["Layer", "Operator", "Rounds", "Bytes", "Seconds"],
            trial.Objects("layers").Select(layer => new[]
            {
                layer.Text("name") ?? Numbers.None,
                layer.Text("operator") ?? Numbers.None,
                Numbers.Count(layer.Number("rounds")),
                Numbers.Count(layer.Number("bytes")),
                Numbers.General(layer.Number("seconds")),
            }));
    }

    private static string Difference(JsonFields trial)
    {
        IReadOnlyList<JsonFields> plain = trial.Objects("plain");
        if (plain.Count == 0)
        {
            return "not compared";
        }

        int same = plain.Count(image => image.Flag("sameTop1") == true);
        string logits = plain.Max(image => image.Number("maxAbsDifference")) is { } largest ? $"logits differ by at most {Numbers.General(largest)}" : "logits were not revealed";
        return $"{same} of {plain.Count} images get the same class; {logits}";
    }

    private static string Seconds(double? value) => value is { } seconds ? $"{Numbers.General(Math.Round(seconds, 4))} s" : Numbers.None;

    private static string Megabytes(double? bytes) => bytes is { } b ? $"{Numbers.General(Math.Round(b / 1e6, 3))} MB" : Numbers.None;

    private static void Fact(HtmlText page, string name, string value) => page.Element("dt", name).Element("dd", value);
}
