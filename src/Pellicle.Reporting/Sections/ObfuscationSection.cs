using Pellicle.Reporting.Charts;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;
using Pellicle.Training.Metrics;

namespace Pellicle.Reporting.Sections;

/// <summary>Learned obfuscation: what was hidden, what attackers still read, what is left of the task, and how simple methods compare.</summary>
internal static class ObfuscationSection
{
    private const string Sentence = "This is learned obfuscation. It is not differential privacy; another attacker, more data or the generator itself may recover the attribute.";

    public static void Add(HtmlText page, RunContent run, string id)
    {
        JsonFields training = run.Obfuscation!;
        if (run.IsSynthetic)
        {
            page.Element("p", "stamp", p => p.Text(Wording.SyntheticStamp));
        }

        page.Element("div", "alarm", box => box.Element("b", "No formal guarantee.").Element("p", Sentence));
        JsonFields? budget = training.Object("budget");
        page.Element("p", $"A generator was trained to hide {string.Join(" and ", training.Objects("privateAttributes").Select(a => a.Text("name")))} while '{training.Text("task")}' stays readable: system {training.Text("system")}, family {training.Text("family")}, mode {training.Text("mode")}, budget {Numbers.General(budget?.Number("value"))} ({string.Join(" and ", budget?.Texts("norm") ?? [])}, unit {budget?.Text("unit")}), {Numbers.Count(training.Number("rounds"))} rounds, generator of round {Numbers.Count(training.Number("selectedRound"))}.");
        if (run.ObfuscationEvaluation is not { } evaluation)
        {
            page.Element("p", "The run was not evaluated (obfuscation-evaluation.json is missing). The figures that chose the generator are no measure of privacy; run pellicle obfuscate evaluate.");
            return;
        }

        AddSummary(page, evaluation);
        AddAttackers(page, training, evaluation, id);
        AddUtility(page, evaluation);
        AddPlane(page, evaluation, id);
        AddSheet(page, run);
        AddTraining(page, training, id);
        AddSplits(page, evaluation);
    }

    private static void AddSummary(HtmlText page, JsonFields evaluation)
    {
        JsonFields? controls = evaluation.Object("controls");
        page.Element("h2", "What attackers still read");
        page.Element("p", evaluation.Number("headlineLeakage") is { } headline
            ? $"Worst leakage {Numbers.WithInterval(headline, Range(evaluation, "headlineInterval"))} to attackers that never met the generator; 0.5 is guessing, 1 is certainty. Originals leak {Numbers.Rate(controls?.Number("identityLeakage"))}."
            : "A control failed, so there is no headline.");
        if (evaluation.Flag("isSmall") == true)
        {
            page.Element("p", "Fewer than 100 test patients: the interval is wide, and nothing may be called removed.");
        }

        page.Element("p", $"Controls: a fresh network on originals reads {Numbers.Rate(controls?.Number("identityLeakage"))} (the attacker of training {Numbers.Rate(controls?.Number("originalAttackerLeakage"))}), on grey pictures {Numbers.WithInterval(controls?.Number("constantLeakage"), controls is null ? null : Range(controls, "constantInterval"))}: {(controls?.Flag("passed") == true ? "passed" : "FAILED")}.");
    }

    private static void AddAttackers(HtmlText page, JsonFields training, JsonFields evaluation, string id)
    {
        foreach (JsonFields attribute in evaluation.Objects("attributes"))
        {
            string name = attribute.Text("attribute") ?? Numbers.None;
            IReadOnlyList<JsonFields> attackers = attribute.Objects("attackers");
            page.Element("h3", $"{name} ({string.Join(" | ", attribute.Texts("classes"))})");
            page.Element("p", $"{Numbers.Count(attribute.Number("n"))} images of {Numbers.Count(attribute.Number("patients"))} patients. Worst leakage {Numbers.WithInterval(attribute.Number("worstLeakage"), Range(attribute, "worstLeakageInterval"))} by {attribute.Text("worstAttacker")}. The finding alone gives {Numbers.Rate(attribute.Number("floorFromFinding"))}; within its classes the worst attacker reads {string.Join(", ", attribute.Objects("withinFinding").Select(s => $"{s.Text("finding")} {Numbers.Rate(s.Number("leakage"))}"))}.");
            IntervalRow[] rows = [.. attackers.Select(a => new IntervalRow($"{a.Text("name")} {Numbers.Count(a.Number("seed"))}", a.Number("auc") ?? 0.5, Range(a, "aucInterval"), Numbers.Rate(a.Number("auc"))))];
            Figure.Add(
                page,
                IntervalChart.Draw($"{id}-attack-{name}", $"AUC of attackers for {name}", string.Join("; ", rows.Select(r => $"{r.Name}: {r.Text}")), Axis.Between("AUC (below 0.5 leaks as much as above)", 0, 1, 0.1), rows, 0.5),
                "The frozen attacker saw originals only: fooling it hides nothing, which is why it never counts.");
            page.Table(
                "Attackers; leakage is max(AUC, 1 − AUC)",
                ["attacker", "trained on", "seed", "AUC", "leakage", "macro-F1", "time"],
                attackers.Select(a => (IReadOnlyList<string>)[a.Text("name") ?? Numbers.None, a.Text("trainedOn") ?? Numbers.None, Numbers.Count(a.Number("seed")), Numbers.WithInterval(a.Number("auc"), Range(a, "aucInterval")), Numbers.Rate(a.Number("leakage")), Numbers.Rate(a.Number("macroF1")), Numbers.Seconds(a.Number("seconds"))]));
            double? frozen = attackers.Where(a => a.Text("trainedOn") == "original").Max(a => a.Number("leakage"));
            page.Element("p", $"Frozen against fresh: {Numbers.Rate(frozen)} against {Numbers.Rate(attribute.Number("worstLeakage"))}. The reference's measure (macro-F1 of the frozen attacker while the generator was chosen): {Numbers.Rate(training.Object("validation")?.Number("referenceMeasure"))}.");
        }

        page.Table(
            "Attributes that were not to be hidden: they must not become easier to read",
            ["attribute", "originals", "obfuscated", "difference"],
            evaluation.Objects("untargeted").Select(u => (IReadOnlyList<string>)[u.Text("attribute") ?? Numbers.None, Numbers.Rate(u.Number("leakageOriginal")), Numbers.Rate(u.Number("leakageObfuscated")), Numbers.Range(Range(u, "differenceInterval"))]));
        page.Element("p", evaluation.Object("reidentification") is { } r
            ? $"Re-identification by a verifier retrained on obfuscated images ({Numbers.Count(r.Number("patients"))} patients): AUC {Numbers.WithInterval(r.Number("auc"), Range(r, "aucInterval"))}, originals {Numbers.Rate(r.Number("aucOriginal"))}; equal error rate {Numbers.Rate(r.Number("eer"))}, precision at 1 {Numbers.Rate(r.Number("precisionAt1"))}; linkage to originals AUC {Numbers.Rate(r.Number("linkageAuc"))}."
            : "Re-identification was not measured: too few patients have several images.");
    }

    private static void AddUtility(HtmlText page, JsonFields evaluation)
    {
        JsonFields? u = evaluation.Object("utility"), f = evaluation.Object("fidelity");
        page.Element("h2", "What is left of the task").Open("dl", "facts");
        Fact(page, "Task", u?.Text("task") ?? Numbers.None);
        Fact(page, "AUC of a network trained fresh", $"{Numbers.Rate(u?.Number("aucOriginal"))} on originals, {Numbers.Rate(u?.Number("aucObfuscated"))} on obfuscated images");
        Fact(page, "Difference", Numbers.WithInterval(u?.Number("difference"), u is null ? null : Range(u, "differenceInterval")));
        Fact(page, "Without retraining", Numbers.Rate(u?.Number("zeroShotAuc")));
        Fact(page, "Average precision, kappa, calibration error", $"{Numbers.Rate(u?.Number("auprc"))}, {Numbers.Rate(u?.Number("kappa"))}, {Numbers.Rate(u?.Number("ece"))}");
        Fact(page, "Change", $"mean {Numbers.General(f?.Number("meanAbsDelta"))}, largest {Numbers.General(f?.Number("maxAbsDelta"))} of the pixel range; PSNR {Numbers.General(f?.Number("psnr"))} dB, SSIM {Numbers.Rate(f?.Number("ssim"))}; share of the budget {Numbers.Rate(f?.Number("budgetUsed"))}");
        page.Close("dl");
    }

    private static void AddPlane(HtmlText page, JsonFields evaluation, string id)
    {
        IReadOnlyList<JsonFields> points = evaluation.Objects("baselines");
        if (points.Count == 0)
        {
            return;
        }

        page.Element("h2", "Privacy against utility");
        Series[] series = [.. points.GroupBy(p => p.Text("name") ?? Numbers.None).Select((group, i) => new Series(
            group.Key, [.. group.Select(p => (p.Number("worstLeakage") ?? double.NaN, p.Number("taskAuc") ?? double.NaN))], group.Key == "generator" ? 0 : 1 + (i % 4), group.Key == "generator" ? 0 : 1 + (i % 3), HasMarkers: true))];
        Figure.Add(
            page,
            LineChart.Draw($"{id}-plane", "Task AUC against leakage", string.Join("; ", points.Select(p => $"{p.Text("name")} {p.Text("parameters")}: leakage {Numbers.Rate(p.Number("worstLeakage"))}, task AUC {Numbers.Rate(p.Number("taskAuc"))}")), Axis.Between("leakage to a fresh plain CNN", 0.4, 1, 0.1), Axis.Between("task AUC, fresh network", 0.4, 1, 0.1), series),
            "Up and to the left is better. The generator's points are its smaller budgets, without retraining.",
            series);
        page.Table(
            "Points of the plane",
            ["method", "parameters", "leakage", "task AUC", "mean change"],
            points.Select(p => (IReadOnlyList<string>)[p.Text("name") ?? Numbers.None, p.Text("parameters") ?? string.Empty, Numbers.Rate(p.Number("worstLeakage")), Numbers.Rate(p.Number("taskAuc")), Numbers.General(p.Number("meanAbsDelta"))]));
        IReadOnlyList<string> better = evaluation.Texts("notDominated");
        page.Element("p", points.All(p => p.Text("name") == "generator") ? "No baseline was run." : better.Count == 0 ? "The generator is at least as good as every baseline that was run, at equal task AUC (within 0.01; one fresh network, no interval)." : $"The generator does not dominate: {string.Join("; ", better)}.");
    }

    private static void AddSheet(HtmlText page, RunContent run)
    {
        if (run.ObfuscationSheet is not { } sheet)
        {
            return;
        }

        page.Element("h2", "Pictures");
        if (!run.IsSynthetic)
        {
            page.Element("div", "alarm", box => box.Element("b", "These are images of patients.").Element("p", "They were included by --include-images. Remove this section before the report leaves the site."));
        }

        page.Open("figure").Open("img", null, ("src", sheet), ("alt", "Columns: original, obfuscated, difference, saliency before and after")).Element("figcaption", "Columns: original, obfuscated, difference x 8 with its scale (grey: none; white: 1/16 of the range and more), what the attacker trained on originals looks at before and after.").Close("figure");
    }

    private static void AddTraining(HtmlText page, JsonFields training, string id)
    {
        IReadOnlyList<JsonFields> judged = training.Objects("judged");
        if (judged.Count < 2)
        {
            return;
        }

        Series[] series =
        [
            new("leakage to a fresh attacker", [.. judged.Select(j => (j.Number("round") ?? 0, j.Number("freshLeakage") ?? double.NaN))], 0, 0, true),
            new("task AUC", [.. judged.Select(j => (j.Number("round") ?? 0, j.Number("taskAuc") ?? double.NaN))], 1, 1, true),
        ];
        page.Element("h2", "Training");
        Figure.Add(
            page,
            LineChart.Draw($"{id}-game", "Judgements over the rounds", string.Join("; ", judged.Select(j => $"round {Numbers.Count(j.Number("round"))}: leakage {Numbers.Rate(j.Number("freshLeakage"))}, task AUC {Numbers.Rate(j.Number("taskAuc"))}")), Axis.Linear("round", judged.Select(j => j.Number("round") ?? 0)), Axis.Between("", 0.4, 1, 0.1), series),
            "A fresh attacker judged the generator on the validation patients; the chosen round is too good, because it was chosen.",
            series);
    }

    private static void AddSplits(HtmlText page, JsonFields evaluation) => page.Table(
        "Parts of the patients",
        ["part", "patients", "images"],
        new[] { "generator", "attackerTrain", "validation", "test" }.Select(part => (IReadOnlyList<string>)[part, Numbers.Count(evaluation.Object("splits")?.Object(part)?.Number("patients")), Numbers.Count(evaluation.Object("splits")?.Object(part)?.Number("images"))]));

    private static Interval? Range(JsonFields fields, string field) => fields.Numbers(field) is [var low, var high] ? new Interval(low, high) : null;

    private static void Fact(HtmlText page, string name, string value) => page.Element("dt", name).Element("dd", value);
}
