using Pellicle.Reporting.Charts;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;
using Pellicle.Training.Metrics;

namespace Pellicle.Reporting.Sections;

/// <summary>What attackers read from obfuscated images: by attribute, by attacker, against originals.</summary>
internal static class ObfuscationAttackers
{
    /// <summary>All attributes of an evaluation, and what else attackers find.</summary>
    public static void Add(HtmlText page, JsonFields training, JsonFields evaluation, string id)
    {
        foreach (JsonFields attribute in evaluation.Objects("attributes"))
        {
            AddAttribute(page, attribute, id);
            IReadOnlyList<JsonFields> attackers = attribute.Objects("attackers");
            double? frozen = attackers.Where(a => a.Text("trainedOn") == "original").Max(a => a.Number("leakage"));
            page.Element("p", $"Frozen against fresh: {Numbers.Rate(frozen)} against {Numbers.Rate(attribute.Number("worstLeakage"))}. The reference's measure (macro-F1 of the frozen attacker while the generator was chosen): {Numbers.Rate(training.Object("validation")?.Number("referenceMeasure"))}.");
        }

        if (evaluation.Objects("untargeted") is { Count: > 0 } untargeted)
        {
            page.Table(
                "Attributes that were not to be hidden: they must not become easier to read",
                ["attribute", "originals", "obfuscated", "difference"],
                untargeted.Select(u => (IReadOnlyList<string>)[u.Text("attribute") ?? Numbers.None, Numbers.Rate(u.Number("leakageOriginal")), Numbers.Rate(u.Number("leakageObfuscated")), Numbers.Range(Range(u, "differenceInterval"))]));
        }
        else
        {
            page.Element("p", "No other attribute was watched (--attribute-columns of training).");
        }

        page.Element("p", evaluation.Object("reidentification") is { } r
            ? $"Re-identification by a verifier retrained on obfuscated images ({Numbers.Count(r.Number("patients"))} patients): AUC {Numbers.WithInterval(r.Number("auc"), Range(r, "aucInterval"))}, originals {Numbers.Rate(r.Number("aucOriginal"))}; equal error rate {Numbers.Rate(r.Number("eer"))}, precision at 1 {Numbers.Rate(r.Number("precisionAt1"))}; linkage to originals AUC {Numbers.Rate(r.Number("linkageAuc"))}."
            : "Re-identification was not measured: too few patients have several images.");
    }

    /// <summary>One attribute: attackers with intervals, and ROC curves.</summary>
    public static void AddAttribute(HtmlText page, JsonFields attribute, string id)
    {
        string name = attribute.Text("attribute") ?? Numbers.None;
        IReadOnlyList<JsonFields> attackers = attribute.Objects("attackers");
        page.Element("h3", $"{name} ({string.Join(" | ", attribute.Texts("classes"))})");
        page.Element("p", $"{Numbers.Count(attribute.Number("n"))} test images{(attribute.Number("patients") is { } patients ? $" of {Numbers.Count(patients)} patients" : "; no patients are known")}. Worst leakage {Numbers.WithInterval(attribute.Number("worstLeakage"), Range(attribute, "worstLeakageInterval"))} by {attribute.Text("worstAttacker")}. {(attribute.Number("floorFromFinding") is { } floor ? $"The finding alone gives {Numbers.Rate(floor)}; within its classes the worst attacker reads {string.Join(", ", attribute.Objects("withinFinding").Select(s => $"{s.Text("finding")} {Numbers.Rate(s.Number("leakage"))}"))}." : "")}");
        if (attribute.Number("leakagePublicGenerator") is { } shared)
        {
            page.Element("p", $"If the generator is public, an attacker can average many releases of a picture: worst leakage {Numbers.Rate(shared)} then. Its weights are secret unless the owner publishes them.");
        }

        IntervalRow[] rows = [.. attackers.Select(a => new IntervalRow($"{a.Text("name")} {Numbers.Count(a.Number("seed"))}", a.Number("auc") ?? 0.5, Range(a, "aucInterval"), Numbers.Rate(a.Number("auc"))))];
        Figure.Add(
            page,
            IntervalChart.Draw($"{id}-attack-{name}", $"AUC of attackers for {name}", string.Join("; ", rows.Select(r => $"{r.Name}: {r.Text}")), Axis.Between("AUC (below 0.5 leaks as much as above)", 0, 1, 0.1), rows, 0.5),
            attackers.Any(a => a.Text("trainedOn") == "original") ? "The frozen attacker saw originals only: fooling it hides nothing, which is why it never counts." : "All of these learned on obfuscated images.");
        page.Table(
            "Attackers; leakage is max(AUC, 1 − AUC)",
            ["attacker", "trained on", "seed", "AUC", "leakage", "macro-F1", "time"],
            attackers.Select(a => (IReadOnlyList<string>)[a.Text("name") ?? Numbers.None, a.Text("trainedOn") ?? Numbers.None, Numbers.Count(a.Number("seed")), Numbers.WithInterval(a.Number("auc"), Range(a, "aucInterval")), Numbers.Rate(a.Number("leakage")), Numbers.Rate(a.Number("macroF1")), Numbers.Seconds(a.Number("seconds"))]));
        AddRoc(page, attribute, $"{id}-roc-{name}", name);
    }

    /// <summary>An interval of a field, or null.</summary>
    public static Interval? Range(JsonFields fields, string field) => fields.Numbers(field) is [var low, var high] ? new Interval(low, high) : null;

    private static void AddRoc(HtmlText page, JsonFields attribute, string id, string name)
    {
        Series Curve(string title, string field, int colour) => new(title, [.. attribute.Objects(field).Select(p => (p.Number("fpr") ?? 0, p.Number("tpr") ?? 0))], colour, colour);
        Series[] curves = [.. new[] { Curve("originals, fresh plain CNN", "rocOriginal", 1), Curve($"obfuscated, {attribute.Text("worstAttacker")}", "roc", 0) }.Where(series => series.Points.Count > 1)];
        if (curves.Length == 0)
        {
            return;
        }

        Series[] all = [.. curves, new("guessing", [(0, 0), (1, 1)], -1, 2)];
        Figure.Add(
            page,
            LineChart.Draw(id, $"ROC of {name} before and after", string.Join("; ", curves.Select(c => $"{c.Name}: {c.Points.Count} corners")), Axis.Between("false positive rate", 0, 1, 0.2), Axis.Between("true positive rate", 0, 1, 0.2), all),
            $"Class '{(attribute.Texts("classes") is [.., var last] ? last : Numbers.None)}' against the other, test images. A curve below the diagonal leaks as much as its mirror image.",
            all);
    }
}
