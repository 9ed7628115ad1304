using System.Globalization;
using Pellicle.Reporting.Charts;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;
using Pellicle.Viewmaker;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Reporting.Sections;

/// <summary>Learned obfuscation: what was hidden, what attackers still read, what is left of the task, and how simple methods compare.</summary>
internal static class ObfuscationSection
{
    private const double TaskHardlyRead = 0.6;

    public static void Add(HtmlText page, RunContent run, string id)
    {
        JsonFields training = run.Obfuscation!;
        if (run.IsSynthetic)
        {
            page.Element("p", "stamp", p => p.Text(Wording.SyntheticStamp));
        }

        page.Element("div", "alarm", box => box.Element("b", "No formal guarantee.").Element("p", HonestWording.FirstSentence));
        JsonFields? budget = training.Object("budget");
        page.Element("p", $"A generator was trained to hide {string.Join(" and ", training.Objects("privateAttributes").Select(a => a.Text("name")))} while '{training.Text("task")}' stays readable: system {training.Text("system")}, family {training.Text("family")}, mode {training.Text("mode")}, budget {Numbers.General(budget?.Number("value"))} ({string.Join(" and ", budget?.Texts("norm") ?? [])}, unit {budget?.Text("unit")}), {Numbers.Count(training.Number("rounds"))} rounds, generator of round {Numbers.Count(training.Number("selectedRound"))}.");
        if (run.ObfuscationEvaluation is not { } evaluation)
        {
            page.Element("p", "The run was not evaluated (obfuscation-evaluation.json is missing). The figures that chose the generator are no measure of privacy; run pellicle obfuscate evaluate.");
            AddRelease(page, run, id);
            AddTraining(page, run, training, id);
            return;
        }

        AddSummary(page, evaluation);
        ObfuscationAttackers.Add(page, training, evaluation, id);
        AddUtility(page, evaluation, id);
        AddPlane(page, evaluation, id);
        AddSheet(page, run);
        AddRelease(page, run, id);
        AddTraining(page, run, training, id);
        AddSplits(page, evaluation);
    }

    private static void AddSummary(HtmlText page, JsonFields evaluation)
    {
        JsonFields? controls = evaluation.Object("controls");
        page.Element("h2", "What attackers still read");
        page.Element("p", evaluation.Number("headlineLeakage") is { } headline
            ? $"Worst leakage {Numbers.WithInterval(headline, ObfuscationAttackers.Range(evaluation, "headlineInterval"))} to attackers that never met the generator; 0.5 is guessing, 1 is certainty. Originals leak {Numbers.Rate(controls?.Number("identityLeakage"))}."
            : "A control failed, so there is no headline.");
        if (ObfuscationAttackers.Range(evaluation, "headlineInterval") is { } around && around.High >= controls?.Number("identityLeakage"))
        {
            page.Element("p", "The interval reaches what originals leak: this obfuscation makes no difference that can be told from chance.");
        }

        if (evaluation.Flag("isSmall") == true)
        {
            page.Element("p", $"Fewer than 100 test {(evaluation.Object("splits")?.Object("test")?.Number("patients") is null ? "images" : "patients")}: the interval is wide, and nothing may be called removed.");
        }

        if (evaluation.Number("jpegQuality") is { } quality)
        {
            page.Element("p", $"The attacked files are JPEG of quality {Numbers.Count(quality)}; points of the curve and averaged releases are without JPEG.");
        }

        page.Element("p", $"Repetitions of every fresh network, each with a seed of its own: {Numbers.Count(evaluation.Number("seeds"))}. Controls: a fresh network on originals reads {Numbers.Rate(controls?.Number("identityLeakage"))} (the attacker of training {Numbers.Rate(controls?.Number("originalAttackerLeakage"))}), on grey pictures {Numbers.WithInterval(controls?.Number("constantLeakage"), controls is null ? null : ObfuscationAttackers.Range(controls, "constantInterval"))}: {(controls?.Flag("passed") == true ? "passed" : "FAILED")}.");
    }

    private static void AddUtility(HtmlText page, JsonFields evaluation, string id)
    {
        JsonFields? u = evaluation.Object("utility"), f = evaluation.Object("fidelity");
        page.Element("h2", "What is left of the task").Open("dl", "facts");
        Fact(page, "Task", u?.Text("task") ?? Numbers.None);
        Fact(page, "AUC of a network trained fresh", $"{Numbers.Rate(u?.Number("aucOriginal"))} on originals, {Numbers.Rate(u?.Number("aucObfuscated"))} on obfuscated images");
        Fact(page, "Difference", Numbers.WithInterval(u?.Number("difference"), u is null ? null : ObfuscationAttackers.Range(u, "differenceInterval")));
        Fact(page, "Without retraining", Numbers.Rate(u?.Number("zeroShotAuc")));
        Fact(page, "Average precision, kappa, calibration error", $"{Numbers.Rate(u?.Number("auprc"))}, {Numbers.Rate(u?.Number("kappa"))}, {Numbers.Rate(u?.Number("ece"))}");
        Fact(page, "Change", $"mean {Numbers.General(f?.Number("meanAbsDelta"))}, largest {Numbers.General(f?.Number("maxAbsDelta"))} of the pixel range; PSNR {Decibels(f?.Number("psnr"))}, SSIM {Numbers.Rate(f?.Number("ssim"))}; share of the budget {Numbers.Rate(f?.Number("budgetUsed"))}");
        page.Close("dl");
        if (u?.Number("aucOriginal") is < TaskHardlyRead)
        {
            page.Element("p", "The task is hardly read from originals either, so these figures say little about what obfuscation costs: take more images, or another task network (--model).");
        }

        AddHistogram(page, f?.Numbers("histogram") ?? [], id);
    }

    private static void AddHistogram(HtmlText page, IReadOnlyList<double> shares, string id)
    {
        int shown = shares.Select((share, i) => (share, i)).LastOrDefault(bin => bin.share > 0).i + 1;
        if (shares.Count == 0)
        {
            return;
        }

        string Name(int i) => i == shares.Count - 1 ? $"{Numbers.General(i * 0.02)} and more" : $"{Numbers.General(i * 0.02)} to {Numbers.General((i + 1) * 0.02)}";
        Bar[] bars = [.. shares.Take(shown).Select((share, i) => new Bar(Name(i), share, Numbers.Percent(share), 0))];
        Figure.Add(
            page,
            BarChart.Draw($"{id}-changes", "How far samples changed", string.Join("; ", bars.Select(bar => $"{bar.Name}: {bar.Text}")), "share of the samples of the test images", bars),
            "Size of the change of a sample, in units of the pixel range.");
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
        page.Table(
            "Area under the curve: the best task AUC within a limit on leakage, averaged over limits from 0.5 to 1",
            ["method", "points", "area"],
            evaluation.Objects("areas").Select(a => (IReadOnlyList<string>)[a.Text("name") ?? Numbers.None, Numbers.Count(a.Number("points")), Numbers.Rate(a.Number("area"))]));
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

    private static void AddRelease(HtmlText page, RunContent run, string id)
    {
        if (run.ObfuscationRelease is not { } release || release.Object("verified") is not { } verified)
        {
            return;
        }

        page.Element("h2", "The last release that was verified");
        page.Element("p", $"{Numbers.Count(release.Number("files"))} files written, {Numbers.Count(release.Objects("failed").Count)} failed, {Numbers.Count(verified.Number("reread"))} read back; mean change {Numbers.General(release.Number("meanAbsDelta"))} of the pixel range.");
        page.Element("p", verified.Number("attackerLeakage") is { } leakage
            ? $"Fresh networks that learned on a part of these files read the rest with a worst leakage of {Numbers.WithInterval(leakage, ObfuscationAttackers.Range(verified, "attackerLeakageInterval"))}. Images that taught the generator may be among them; the evaluation gives the figure that counts."
            : $"Not attacked: {verified.Text("notAttacked")}.");
        foreach (JsonFields attribute in verified.Objects("attributes"))
        {
            ObfuscationAttackers.AddAttribute(page, attribute, $"{id}-release");
        }
    }

    private static void AddTraining(HtmlText page, RunContent run, JsonFields training, string id)
    {
        IReadOnlyList<JsonFields> judged = training.Objects("judged");
        if (judged.Count == 0 && run.Rounds.Count == 0)
        {
            return;
        }

        page.Element("h2", "Training");
        if (judged.Count > 1)
        {
            Series[] series =
            [
                new("leakage to a fresh attacker", [.. judged.Select(j => (j.Number("round") ?? 0, j.Number("freshLeakage") ?? double.NaN))], 0, 0, true),
                new("task AUC", [.. judged.Select(j => (j.Number("round") ?? 0, j.Number("taskAuc") ?? double.NaN))], 1, 1, true),
            ];
            Figure.Add(
                page,
                LineChart.Draw($"{id}-game", "Judgements over the rounds", string.Join("; ", judged.Select(j => $"round {Numbers.Count(j.Number("round"))}: leakage {Numbers.Rate(j.Number("freshLeakage"))}, task AUC {Numbers.Rate(j.Number("taskAuc"))}")), Axis.Linear("round", judged.Select(j => j.Number("round") ?? 0)), Axis.Between("", 0.4, 1, 0.1), series),
                "A fresh attacker judged the generator on the validation part; the chosen round is too good, because it was chosen.",
                series);
        }

        AddLosses(page, run.Rounds, id);
    }

    private static void AddLosses(HtmlText page, IReadOnlyList<RoundFigures> rounds, string id)
    {
        if (rounds.Count < 2)
        {
            return;
        }

        int step = Math.Max(1, rounds.Count / 200);
        RoundFigures[] shown = [.. rounds.Where((_, i) => i % step == 0 || i == rounds.Count - 1)];
        Series[] losses =
        [
            new("attackers", [.. shown.Select(r => ((double)r.Round, r.AttackerLoss))], 0),
            new("generator", [.. shown.Select(r => ((double)r.Round, r.GeneratorLoss))], 1, 1),
        ];
        Figure.Add(
            page,
            LineChart.Draw($"{id}-losses", "Losses over the rounds", $"from round {shown[0].Round} to {shown[^1].Round}", Axis.Linear("round", shown.Select(r => (double)r.Round)), Axis.Linear("loss", shown.SelectMany(r => new[] { r.AttackerLoss, r.GeneratorLoss })), losses),
            "Loss of the attackers of training, and of the generator on its own batch. Computed from private images.",
            losses);
        Series[] change = [new("mean change", [.. shown.Select(r => ((double)r.Round, r.MeanAbsDelta))], 0)];
        Figure.Add(
            page,
            LineChart.Draw($"{id}-change", "Change over the rounds", $"from {Numbers.General(shown[0].MeanAbsDelta)} to {Numbers.General(shown[^1].MeanAbsDelta)}", Axis.Linear("round", shown.Select(r => (double)r.Round)), Axis.Linear("mean change of the generator's batch, pixel range", shown.Select(r => r.MeanAbsDelta), fromZero: true), change, 240),
            "The budget bounds it.");
    }

    private static void AddSplits(HtmlText page, JsonFields evaluation) => page.Table(
        "Parts of the data: no patient is in two of them, where patients are known",
        ["part", "patients", "images"],
        new[] { "generator", "attackerTrain", "validation", "test" }.Select(part => (IReadOnlyList<string>)[part, Numbers.Count(evaluation.Object("splits")?.Object(part)?.Number("patients")), Numbers.Count(evaluation.Object("splits")?.Object(part)?.Number("images"))]));

    private static string Decibels(double? value) => value is { } number ? string.Create(CultureInfo.InvariantCulture, $"{number:0.0} dB") : Numbers.None;

    private static void Fact(HtmlText page, string name, string value) => page.Element("dt", name).Element("dd", value);
}
