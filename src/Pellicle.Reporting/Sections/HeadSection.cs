using Pellicle.Audit;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;
using Pellicle.Training.Evaluation;

namespace Pellicle.Reporting.Sections;

/// <summary>Alarms, the three headline figures and what was done in one paragraph.</summary>
internal static class HeadSection
{
    public static void Add(HtmlText page, RunContent run)
    {
        if (run.IsSynthetic)
        {
            page.Element("p", "stamp", p => p.Text(Wording.SyntheticStamp));
        }

        AddAlarms(page, run);
        page.Open("div", "cards");
        Card(page, "Guarantee", run.Guarantee == GuaranteeKind.Holds ? Wording.Guarantee(run).Replace("epsilon", "ε", StringComparison.Ordinal) : Wording.Guarantee(run), GuaranteeNote(run));
        Card(page, "Utility", UtilityValue(run.Headline), UtilityNote(run.Headline));
        Card(page, "Empirical attack", run.Audit is { } audit ? $"ε ≥ {Numbers.EpsilonDown(audit.EpsilonLowerBound)}" : "not audited", AuditNote(run.Audit));
        page.Close("div");
        page.Element("p", WhatWasDone(run));
        foreach (string missing in run.Missing.Take(1))
        {
            page.Element("p", "muted small", p => p.Text($"Not in the run folder: {string.Join("; ", run.Missing)}. The sections concerned say so."));
        }
    }

    private static void AddAlarms(HtmlText page, RunContent run)
    {
        (string Title, string Text)? alarm = run.Guarantee switch
        {
            GuaranteeKind.None => ("Trained WITHOUT differential privacy: no guarantee.", "The model may reveal its training data. Treat it as confidential as the data themselves."),
            GuaranteeKind.Unsupported => ("No guarantee.", $"{run.Ledger?.Problem} The figures of the privacy statement are not repeated here, because nothing supports them."),
            GuaranteeKind.InsecureNoise => ("Insecure noise: no guarantee.", "The noise came from a seed (--insecure-seed), which is meant for tests. Whoever knows or guesses the seed can take the noise away again."),
            GuaranteeKind.Unknown => ("No privacy statement.", "The run folder has no privacy.json, so nothing is known about a guarantee. The run may be unfinished."),
            _ => null,
        };
        if (alarm is { } a)
        {
            page.Element("div", "alarm", box => box.Element("b", a.Title).Element("p", a.Text));
        }

        if (run.Audit is { Consistent: false } audit)
        {
            page.Element("div", "alarm", box => box.Element("b", "The audit contradicts the guarantee.").Element(
                "p",
                $"An attack shows epsilon of at least {Numbers.EpsilonDown(audit.EpsilonLowerBound)} with confidence {Numbers.Percent(audit.Confidence)}, above the accountant's {Numbers.EpsilonUp(audit.EpsilonUpperBound)}. "
                + "Do not release the model; look for a bug, or for training outside the plan."));
        }
    }

    private static string WhatWasDone(RunContent run)
    {
        JsonFields? result = run.Run?.Object("result");
        JsonFields? data = result?.Object("data");
        string images = data?.Number("nTrain") is { } n ? $"{Numbers.Count(n)} training images" : "the training images";
        string patients = data?.Number("patients") is { } p ? $" of {Numbers.Count(p)} patients" : string.Empty;
        string classes = run.Headline is { } e ? $" into {e.Classes.Count} classes ({string.Join(", ", e.Classes)})" : string.Empty;
        double? steps = result?.Number("steps") ?? run.Privacy?.Number("steps");
        string training = run.Privacy?.Flag("private") == true
            ? $"by DP-SGD: in each of {Numbers.Count(steps)} steps every {Wording.Unit(run)}'s gradient was clipped to norm {Numbers.General(run.Privacy.Number("maxGradNorm"))} and Gaussian noise of {Numbers.General(run.Privacy.Number("noiseMultiplier"))} times that bound was added to the sum"
            : $"by ordinary training without differential privacy in {Numbers.Count(steps)} steps";
        string status = result?.Text("status") ?? run.Run?.Text("status") ?? "unknown";
        string ending = status switch
        {
            "completed" => string.Empty,
            "stoppedByBudget" => " Training was stopped by the privacy budget before its planned end.",
            "unknown" => string.Empty,
            _ => $" The run is not complete (status: {status}).",
        };
        string duration = result?.Number("secondsTotal") is { } s ? $" It took {Numbers.Seconds(s)}." : string.Empty;
        return $"The network {Wording.Model(run)} was trained on {images}{patients} from {Wording.Source(run)} to classify images{classes}, {training}.{ending}{duration}";
    }

    private static string GuaranteeNote(RunContent run) => run.Guarantee switch
    {
        GuaranteeKind.Holds => Wording.Qualifiers(run),
        GuaranteeKind.None => "trained without differential privacy",
        GuaranteeKind.Unsupported => "the ledger does not support the statement",
        GuaranteeKind.InsecureNoise => "noise from a seed",
        _ => "privacy.json is missing",
    };

    private static string UtilityValue(EvalResult? evaluation) => evaluation is null ? "not evaluated"
        : evaluation.Metrics.Auc is { } auc ? $"AUC {Numbers.Rate(auc)}"
        : $"accuracy {Numbers.Rate(evaluation.Metrics.Accuracy)}";

    private static string UtilityNote(EvalResult? evaluation) => evaluation is null
        ? "run pellicle eval"
        : $"95 % interval {Numbers.Range(evaluation.Metrics.Auc is null ? evaluation.Metrics.Intervals.Accuracy : evaluation.Metrics.Intervals.Auc)}; accuracy {Numbers.Percent(evaluation.Metrics.Accuracy)}; "
            + $"{evaluation.Split} split, {Numbers.Count(evaluation.Metrics.N)} images";

    private static string AuditNote(AuditResult? audit) => audit is null
        ? "run pellicle audit"
        : $"lower bound with confidence {Numbers.Percent(audit.Confidence)} at delta {Numbers.General(audit.Delta)}, {string.Join(" and ", audit.Attacks.Select(a => a.Name))} attack"
            + (audit.EpsilonUpperBound is null ? string.Empty : audit.Consistent ? "; consistent with the guarantee" : "; CONTRADICTS the guarantee");

    private static void Card(HtmlText page, string label, string value, string note) =>
        page.Element("div", "card", card => card.Element("div", label, "label").Element("div", value, "value").Element("div", note, "note"));
}
