using Pellicle.Audit;
using Pellicle.Reporting.Charts;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;

namespace Pellicle.Reporting.Sections;

/// <summary>What attackers found: upper and lower bound beside each other, ROC on logarithmic axes, controls.</summary>
internal static class AuditSection
{
    public static void Add(HtmlText page, RunContent run, string id)
    {
        page.Element("h2", "Audit: what attacks found");
        if (run.Audit is not { } audit)
        {
            page.Element("p", "The run was not audited (audit.json is missing). Run pellicle audit on it: an audit can find mistakes that no accountant sees.");
            return;
        }

        AddBounds(page, run, audit, id);
        AddRoc(page, run, audit, id);
        AddTable(page, audit);
    }

    private static void AddBounds(HtmlText page, RunContent run, AuditResult audit, string id)
    {
        string confidence = Numbers.Percent(audit.Confidence);
        page.Element("h3", "Upper and lower bound");
        page.Element("p", audit.EpsilonUpperBound is { } upper
            ? $"The accountant proves that epsilon is at most {Numbers.EpsilonUp(upper)}. The attacks show that it is at least {Numbers.EpsilonDown(audit.EpsilonLowerBound)} with confidence {confidence}. Both are at delta {Numbers.General(audit.Delta)}, "
                + $"unit: one {Wording.Unit(run)}, {Wording.Relation(run.Privacy?.Text("neighbouringRelation"))}, {Wording.Sampling(run.Privacy?.Text("sampling"))}, {Wording.Accountant(run)}. The truth lies between. A low lower bound does not prove that a stronger attack would find no more."
            : $"The run has no upper bound (no differential privacy). The attacks show an epsilon of at least {Numbers.EpsilonDown(audit.EpsilonLowerBound)} with confidence {confidence} at delta {Numbers.General(audit.Delta)}.");
        var bars = new List<Bar>();
        if (audit.EpsilonUpperBound is { } bound)
        {
            bars.Add(new Bar("upper bound (accountant)", bound, Numbers.EpsilonUp(bound), 0));
        }

        bars.AddRange(audit.Attacks.Select(a => new Bar($"lower bound ({a.Name} attack)", a.EpsilonLowerBound, Numbers.EpsilonDown(a.EpsilonLowerBound), 1)));
        Figure.Add(
            page,
            BarChart.Draw(id + "-bounds", "Upper and lower bounds of epsilon", string.Join("; ", bars.Select(b => $"{b.Name}: {b.Text}")), $"epsilon at delta {Numbers.General(audit.Delta)}", bars),
            audit.EpsilonUpperBound is null ? "No upper bound exists without differential privacy." : audit.Consistent ? "Every lower bound lies below the upper bound, as it must." : "A lower bound EXCEEDS the upper bound: the guarantee is broken.");
    }

    private static void AddRoc(HtmlText page, RunContent run, AuditResult audit, string id)
    {
        AttackResult[] drawn = [.. audit.Attacks.Where(a => a.Roc.Count > 1)];
        if (drawn.Length == 0)
        {
            page.Element("p", "The audit holds no ROC curve.");
            return;
        }

        double floor = Math.Pow(10, Math.Floor(Math.Log10(Math.Clamp(drawn.Min(a => 1.0 / Math.Max(2, a.N)), 1e-5, 1e-2))));
        var series = new List<Series>();
        for (int i = 0; i < drawn.Length; i++)
        {
            // Corners of a step curve: the true positive rate is reached at the false positive rate, not between two of them.
            var points = new List<(double, double)>();
            double last = 0;
            foreach (Training.Metrics.RocPoint point in drawn[i].Roc)
            {
                double x = Math.Max(point.Fpr, floor);
                points.Add((x, Math.Max(last, floor)));
                points.Add((x, Math.Max(point.Tpr, floor)));
                last = point.Tpr;
            }

            series.Add(new Series($"{drawn[i].Name} attack, AUC {Numbers.WithInterval(drawn[i].Auc, drawn[i].AucInterval)}", points, i % 5, Dash: i % 4));
        }

        double[] grid = [.. Enumerable.Range(0, 61).Select(i => Math.Pow(floor, 1 - i / 60.0))];
        series.Add(new Series("guessing", [.. grid.Select(x => (x, x))], -1, Dash: 2));
        if (audit.EpsilonUpperBound is { } epsilon && run.Guarantee == GuaranteeKind.Holds)
        {
            double factor = Math.Exp(Math.Min(epsilon, 300));
            series.Add(new Series("most that the guarantee allows", [.. grid.Select(x => (x, Math.Max(floor, Math.Min(Math.Min(1, factor * x + audit.Delta), 1 - (1 - x - audit.Delta) / factor))))], 2, Dash: 3));
        }

        page.Element("h3", "ROC of the attacks, logarithmic axes");
        Figure.Add(
            page,
            LineChart.Draw(
                id + "-roc",
                "ROC of membership attacks on logarithmic axes",
                string.Join("; ", drawn.Select(a => $"{a.Name}: area {Numbers.Rate(a.Auc)}, " + string.Join(", ", a.TprAtFpr.Select(t => $"true positive rate {Numbers.Rate(t.Tpr)} at false positive rate {Numbers.General(t.Fpr)}")))),
                Axis.Logarithmic("false positive rate", floor, 1),
                Axis.Logarithmic("true positive rate", floor, 1),
                series,
                height: 460),
            "An attack that names a few training images with certainty shows at the left, where a linear plot hides it (Carlini et al. 2022). A curve above the allowed line would disprove the guarantee, up to chance.",
            series);
    }

    private static void AddTable(HtmlText page, AuditResult audit)
    {
        page.Table(
            "Intervals at the confidence of each attack; with several attacks it is raised so that the largest bound holds with the confidence asked for.",
            ["attack", "units", "AUC", "TPR at FPR 0.001", "TPR at FPR 0.01", "TPR at FPR 0.1", "advantage", "epsilon at least", "confidence", "time"],
            audit.Attacks.Select(a => (IReadOnlyList<string>)
            [
                a.Name, Numbers.Count(a.N), Numbers.WithInterval(a.Auc, a.AucInterval), At(a, 0.001), At(a, 0.01), At(a, 0.1), Numbers.Rate(a.Advantage),
                Numbers.EpsilonDown(a.EpsilonLowerBound), Numbers.Percent(a.Confidence), Numbers.Seconds(a.Seconds),
            ]));
        page.Open("ul");
        foreach (AttackResult attack in audit.Attacks)
        {
            page.Element("li", $"{attack.Name}: {attack.Assumption}"
                + (attack.Canaries is { } c ? $" {Numbers.Count(c.Planted)} canaries ({Numbers.Count(c.Mislabelled)} mislabelled images, {Numbers.Count(c.Noise)} of random pixels, {Numbers.Count(c.Gradient)} gradients), {Numbers.Count(c.Included)} planted by their coins, {Numbers.Count(c.Correct)} of {Numbers.Count(c.Guesses)} guesses right." : string.Empty)
                + (attack.ShadowModels is { } shadows ? $" {Numbers.Count(shadows)} shadow models." : string.Empty)
                + (attack.Shift is { } s ? " " + Shift(s) : string.Empty));
        }

        page.Close("ul");
        AuditControls controls = audit.Controls;
        page.Element("p", $"Control with shuffled membership: AUC {Numbers.WithInterval(controls.ShuffledMembership, controls.ShuffledMembershipInterval)}, "
            + (controls.Passed switch { true => "holds 0.5 as it should.", false => "does NOT hold 0.5: repeat the audit with another seed; twice in a row is a flaw of the evaluation.", null => "not available." }));
    }

    private static string Shift(GaussianShift shift) =>
        $"{Numbers.Count(shift.Planted)} planted gradients. "
        + (shift.NoiseRatio is { } ratio ? $"Noise over shift of a step: {Numbers.General(Math.Round(ratio, 4))} times the planned noise multiplier (1 as planned, less is too little noise). " : "The mechanism adds no noise. ")
        + $"Lower bound from whole runs {Numbers.EpsilonDown(shift.EpsilonFromRuns)}"
        + (shift.EpsilonFromSteps is { } steps ? $", from single steps {Numbers.EpsilonDown(steps)}." : ".");

    private static string At(AttackResult attack, double fpr) => attack.TprAtFpr.FirstOrDefault(t => Math.Abs(t.Fpr - fpr) < 1e-9) is { } t ? Numbers.WithInterval(t.Tpr, t.TprInterval) : Numbers.None;
}
