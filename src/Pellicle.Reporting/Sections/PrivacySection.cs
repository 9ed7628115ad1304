using Pellicle.Reporting.Charts;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;

namespace Pellicle.Reporting.Sections;

/// <summary>The privacy statement from the top of the pyramid down: who is protected and how much, then by which algorithm.</summary>
internal static class PrivacySection
{
    public static void Add(HtmlText page, RunContent run, string id)
    {
        page.Element("h2", "Privacy: who is protected, and how much");
        if (run.Privacy is not { } privacy)
        {
            page.Element("p", "privacy.json is missing: the run has no privacy statement, so it must be treated as having no guarantee.");
            return;
        }

        if (run.Guarantee == GuaranteeKind.None)
        {
            page.Element("p", privacy.Text("statement") ?? "The model was trained without differential privacy. There is no bound on what it reveals about any image or patient.");
            return;
        }

        if (run.Guarantee != GuaranteeKind.Holds)
        {
            page.Element("p", "alarm", p => p.Text(run.Guarantee == GuaranteeKind.InsecureNoise
                ? "The figures below describe the mechanism as if its noise were secret. It is not: the noise came from a seed."
                : $"No guarantee. {run.Ledger?.Problem}"));
            if (run.Guarantee == GuaranteeKind.Unsupported)
            {
                return;
            }
        }

        page.Element("p", privacy.Text("statement") ?? "The statement has no text.");
        AddFacts(page, run, privacy);
        AddCurve(page, run, privacy, id);
        AddAlgorithm(page, run, privacy);
    }

    private static void AddFacts(HtmlText page, RunContent run, JsonFields privacy)
    {
        string unit = Wording.Unit(run);
        page.Open("dl", "facts");
        Fact(page, "Unit of protection", unit == "patient"
            ? $"one patient, with at most {Numbers.Count(privacy.Number("maxImagesPerUnit"))} images in a step"
            : "one image; a patient with several images is protected less");
        Fact(page, "Neighbouring data sets", $"differ by {Wording.Relation(privacy.Text("neighbouringRelation"))} {unit}");
        Fact(page, "Epsilon (upper bound)", $"{Numbers.EpsilonUp(privacy.Number("epsilon"))} at delta {Numbers.General(privacy.Number("delta"))}, {Wording.Accountant(run)}, {Wording.Sampling(privacy.Text("sampling"))}");
        Fact(page, "Accountant's own lower bound", $"{Numbers.EpsilonDown(privacy.Number("epsilonLower"))} (what the analysis leaves open between the two is its numerical slack)");
        Fact(page, "Units n", $"{Numbers.Count(privacy.Number("n"))}, {(privacy.Flag("nIsPublic") == true ? "a public number" : "counted on the private data: the count itself is not protected")}");
        Fact(page, "Released", privacy.Text("release") switch { "finalModel" => "the final model only", "allCheckpoints" => "all checkpoints", var other => other ?? Numbers.None });
        page.Close("dl");
        IReadOnlyList<string> notCovered = privacy.Texts("notCovered");
        if (notCovered.Count > 0)
        {
            page.Element("h3", "Not covered by the guarantee").Element("ul", null, list =>
            {
                foreach (string item in notCovered)
                {
                    list.Element("li", item);
                }
            });
        }
    }

    private static void AddCurve(HtmlText page, RunContent run, JsonFields privacy, string id)
    {
        (double Delta, double Epsilon)[] points =
        [
            .. privacy.Objects("curve").Where(p => p.Number("delta") is > 0 && p.Number("epsilon") is >= 0)
                .Select(p => (p.Number("delta")!.Value, p.Number("epsilon")!.Value)).OrderBy(p => p.Item2),
        ];
        page.Element("h3", "Epsilon for several deltas");
        if (points.Length < 2)
        {
            page.Element("p", "The statement holds no curve of delta against epsilon.");
            return;
        }

        double delta = privacy.Number("delta") ?? points[0].Delta;
        var series = new List<Series>
        {
            new("delta for each epsilon", [.. points.Select(p => (p.Epsilon, p.Delta))], 0, HasMarkers: true),
        };
        if (privacy.Number("epsilon") is { } epsilon)
        {
            series.Add(new Series($"stated: epsilon {Numbers.EpsilonUp(epsilon)} at delta {Numbers.General(delta)}", [(epsilon, delta), (epsilon, delta)], 1, HasMarkers: true));
        }

        Figure.Add(
            page,
            LineChart.Draw(
                id + "-curve",
                "Privacy curve",
                $"Delta falls from {Numbers.General(points[0].Delta)} at epsilon {Numbers.EpsilonUp(points[0].Epsilon)} to {Numbers.General(points[^1].Delta)} at epsilon {Numbers.EpsilonUp(points[^1].Epsilon)}.",
                Axis.Linear("epsilon (upper bound)", points.Select(p => p.Epsilon), fromZero: true),
                Axis.Logarithmic("delta", points.Min(p => p.Delta), points.Max(p => p.Delta)),
                series,
                height: 320),
            $"One run has a whole curve of guarantees: every point on it holds. Unit: one {Wording.Unit(run)}; {Wording.Sampling(privacy.Text("sampling"))}; {Wording.Accountant(run)}.",
            series);
        page.Table(
            $"Upper bounds; unit: one {Wording.Unit(run)}, {Wording.Relation(privacy.Text("neighbouringRelation"))}.",
            ["delta", .. points.OrderByDescending(p => p.Delta).Select(p => Numbers.General(p.Delta))],
            [["epsilon", .. points.OrderByDescending(p => p.Delta).Select(p => Numbers.EpsilonUp(p.Epsilon))]]);
        JsonFields? by = privacy.Object("byAccountant");
        if (by is not null)
        {
            page.Element("p", "small muted", p => p.Text(
                $"The same training judged by each accountant at delta {Numbers.General(delta)}: RDP {Numbers.EpsilonUp(by.Number("rdp"))}, PRV {Numbers.EpsilonUp(by.Number("prv"))}; "
                + $"the Gaussian approximation gives {Numbers.General(by.Number("gdpApproximation"))}, which is not a bound. Largest Gaussian-DP parameter consistent with the curve: {Numbers.General(privacy.Number("mu"))}."));
        }
    }

    private static void AddAlgorithm(HtmlText page, RunContent run, JsonFields privacy)
    {
        page.Element("h3", "Algorithm");
        page.Element("p", $"DP-SGD (Abadi et al. 2016): each step draws {Wording.Unit(run)}s by {Wording.Sampling(privacy.Text("sampling"))}, clips every unit's gradient, adds Gaussian noise once, and divides by a public constant.");
        page.Open("dl", "facts");
        Fact(page, "Sampling rate", $"{Numbers.General(privacy.Number("sampleRate"))} ({Wording.Sampling(privacy.Text("sampling"))}), expected batch {Numbers.Count(privacy.Number("expectedBatchSize"))}");
        Fact(page, "Steps", Numbers.Count(privacy.Number("steps")));
        Fact(page, "Clipping", $"{privacy.Text("clipping") ?? Numbers.None}, bound {Numbers.General(privacy.Number("maxGradNorm"))}{(privacy.Text("clipping") == "adaptive" ? " at first, moved by noised counts that are charged" : string.Empty)}");
        if (privacy.Text("precision") == "bfloat16")
        {
            Fact(page, "Matrix products", "bfloat16 operands; contributions measured on the rounded values, the remaining rounding added to the norm");
        }

        string events = privacy.Text("sampling") == "shuffled" ? "epochs" : "steps";
        IReadOnlyList<JsonFields> phases = privacy.Objects("phases");
        Fact(page, "Noise multiplier", phases.Count > 1
            ? string.Join("; ", phases.Take(12).Select(p => $"{Numbers.General(p.Number("noiseMultiplier"))} for {Numbers.Count(p.Number("steps"))} {events}")) + (phases.Count > 12 ? "; …" : string.Empty)
            : Numbers.General(privacy.Number("noiseMultiplier")));
        page.Element("dt", "Noise source").Element("dd", privacy.Text("noiseSource") == "secure" ? "good" : "bad", d => d.Text(privacy.Text("noiseSource") switch
        {
            "secure" => "secure generator of the operating system",
            "seededForTests" => "INSECURE: a seed, for tests only",
            var other => other ?? Numbers.None,
        }));
        Fact(page, "Averaging divisor", $"{Numbers.General(privacy.Number("averagingDivisor"))} (public)");
        Fact(page, "Views of an image", $"{Numbers.Count(privacy.Number("augmentMultiplicity"))}, averaged inside the image's gradient");
        Fact(page, "Initial weights and statistics", privacy.Object("pretraining") is { } start
            ? $"{start.Text("source") ?? "unknown"} ({(start.Flag("isPublic") == true ? "declared public" : start.Flag("isIncluded") == true ? "a private run on the same data, whose budget is included" : "PRIVATE data: not covered")})"
            : "random");
        page.Close("dl");
    }

    private static void Fact(HtmlText page, string name, string value) => page.Element("dt", name).Element("dd", value);
}
