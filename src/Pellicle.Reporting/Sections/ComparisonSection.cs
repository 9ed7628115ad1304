using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;

namespace Pellicle.Reporting.Sections;

/// <summary>Several runs in one table.</summary>
internal static class ComparisonSection
{
    public static void Add(HtmlText page, IReadOnlyList<RunContent> runs)
    {
        page.Element("h2", $"{runs.Count} runs compared");
        page.Table(
            "Epsilon is an upper bound at the delta, for the unit, relation, sampling and accountant beside it; runs that differ in these cannot be compared by epsilon alone.",
            ["run", "model", "data", "guarantee", "delta", "unit", "relation", "sampling", "accountant", "AUC", "accuracy", "epsilon at least (audit)"],
            runs.Select(run => (IReadOnlyList<string>)
            [
                run.Name, Wording.Model(run), Wording.Source(run) + (run.IsSynthetic ? " (SYNTHETIC)" : string.Empty), Wording.Guarantee(run),
                run.Guarantee == GuaranteeKind.Holds ? Numbers.General(run.Privacy!.Number("delta")) : Numbers.None,
                run.Guarantee == GuaranteeKind.Holds ? Wording.Unit(run) : Numbers.None,
                run.Guarantee == GuaranteeKind.Holds ? Wording.Relation(run.Privacy!.Text("neighbouringRelation")) : Numbers.None,
                run.Guarantee == GuaranteeKind.Holds ? Wording.Sampling(run.Privacy!.Text("sampling")) : Numbers.None,
                run.Guarantee == GuaranteeKind.Holds ? (run.Privacy!.Text("accountant") ?? Numbers.None).ToUpperInvariant() : Numbers.None,
                run.Headline is { } e ? Numbers.WithInterval(e.Metrics.Auc, e.Metrics.Intervals.Auc) : Numbers.None,
                run.Headline is { } f ? Numbers.WithInterval(f.Metrics.Accuracy, f.Metrics.Intervals.Accuracy) : Numbers.None,
                run.Audit is { } a ? $"{Numbers.EpsilonDown(a.EpsilonLowerBound)} ({Numbers.Percent(a.Confidence)})" : Numbers.None,
            ]),
            "wrap");
    }
}
