using System.Text;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;
using Pellicle.Reporting.Sections;
using Pellicle.Training.Metrics;

namespace Pellicle.Reporting.Cards;

/// <summary>Writes a model card (Mitchell et al. 2019) in Markdown with a YAML head. What the run folder does not say stays TODO; nothing is invented.</summary>
internal static class ModelCard
{
    private const string Todo = "TODO";

    public static string Build(RunContent run)
    {
        var card = new StringBuilder();
        AddHead(card, run);
        card.Append("# ").Append(Inline(run.Name)).Append("\n\n");
        if (run.IsSynthetic)
        {
            card.Append("**").Append(Wording.SyntheticStamp).Append("**\n\n");
        }

        card.Append(Wording.Use).Append("\n\n");
        AddSection(card, "Intended use", Todo, "Users and purpose: " + Todo, "Out of scope: clinical decisions; " + Todo);
        AddSection(
            card,
            "Training data",
            $"Source: {Inline(Wording.Source(run))}",
            $"Images: {Known(Numbers.Count(run.Run?.Object("result")?.Object("data")?.Number("nTrain")))}",
            $"Patients: {Known(Numbers.Count(run.Run?.Object("result")?.Object("data")?.Number("patients")))}",
            "Collection, consent and population: " + Todo);
        AddPrivacy(card, run);
        AddMetrics(card, run);
        AddAudit(card, run);
        AddSection(card, "Limits and risks", "Differential privacy bounds what the model reveals about one unit; it says nothing about fairness or correctness.", "Known failures: " + Todo, "Contact: " + Todo);
        return card.ToString();
    }

    private static void AddHead(StringBuilder card, RunContent run)
    {
        bool holds = run.Guarantee == GuaranteeKind.Holds;
        JsonFields? privacy = holds ? run.Privacy : null;
        card.Append("---\n");
        Head(card, "name", Quote(run.Name));
        Head(card, "license", Todo);
        Head(card, "library", "pellicle");
        Head(card, "task", "image-classification");
        Head(card, "architecture", Wording.Model(run) is "unknown model" ? Todo : Quote(Wording.Model(run)));
        Head(card, "classes", run.Headline is { } e ? "[" + string.Join(", ", e.Classes.Select(Quote)) + "]" : Todo);
        Head(card, "synthetic_data", run.Run is null ? Todo : run.IsSynthetic ? "true" : "false");
        Head(card, "intended_use", Todo);
        Head(card, "medical_device", "false");
        card.Append("privacy:\n");
        Head(card, "  guarantee", run.Guarantee switch { GuaranteeKind.Holds => "differential-privacy", GuaranteeKind.Unknown => Todo, _ => "none" });
        if (holds)
        {
            Head(card, "  epsilon", Known(Plain(Up(privacy?.Number("epsilon")))));
            Head(card, "  delta", Known(Plain(privacy?.Number("delta"))));
            Head(card, "  unit", Known(privacy?.Text("unit")));
            Head(card, "  neighbouring_relation", Known(privacy?.Text("neighbouringRelation")));
            Head(card, "  sampling", Known(privacy?.Text("sampling")));
            Head(card, "  accountant", Known(privacy?.Text("accountant")));
            Head(card, "  ledger_sha256", Known(run.Ledger?.Hash));
        }

        card.Append("metrics:\n");
        Head(card, "  split", run.Headline?.Split ?? Todo);
        Head(card, "  auc", Known(Plain(run.Headline?.Metrics.Auc)));
        Head(card, "  accuracy", Known(Plain(run.Headline?.Metrics.Accuracy)));
        card.Append("---\n\n");
    }

    private static void AddPrivacy(StringBuilder card, RunContent run)
    {
        string text = run.Guarantee switch
        {
            GuaranteeKind.Holds => Inline(run.Privacy!.Text("statement") ?? Todo),
            GuaranteeKind.None => "Trained WITHOUT differential privacy: no guarantee. Treat the model as confidential as its training data.",
            GuaranteeKind.InsecureNoise => "No guarantee: the noise came from a seed meant for tests.",
            GuaranteeKind.Unsupported => "No guarantee: " + Inline(run.Ledger?.Problem ?? "the ledger does not support the statement."),
            _ => Todo,
        };
        AddSection(card, "Privacy", [text, .. run.Guarantee == GuaranteeKind.Holds ? run.Privacy!.Texts("notCovered").Select(item => "Not covered: " + Inline(item)) : []]);
    }

    private static void AddMetrics(StringBuilder card, RunContent run)
    {
        card.Append("## Evaluation\n\n");
        if (run.Headline is not { } evaluation)
        {
            card.Append(Todo).Append("\n\n");
            return;
        }

        card.Append("| group | images | AUC [95 %] | accuracy [95 %] |\n| --- | --- | --- | --- |\n");
        Row(card, $"all ({evaluation.Split})", evaluation.Metrics);
        foreach (GroupMetrics group in evaluation.Groups)
        {
            Row(card, $"{group.Attribute}: {group.Value}", group.Metrics);
        }

        card.Append('\n');
    }

    private static void AddAudit(StringBuilder card, RunContent run) => AddSection(card, "Audit", run.Audit is { } audit
        ? [
            $"Attacks ({string.Join(", ", audit.Attacks.Select(a => Inline(a.Name)))}) show epsilon of at least {Numbers.EpsilonDown(audit.EpsilonLowerBound)} with confidence {Numbers.Percent(audit.Confidence)} at delta {Numbers.General(audit.Delta)}.",
            audit.Consistent ? "This does not contradict the guarantee." : "This CONTRADICTS the guarantee: do not use the model.",
        ]
        : [Todo]);

    private static void AddSection(StringBuilder card, string title, params IEnumerable<string> lines)
    {
        card.Append("## ").Append(title).Append("\n\n");
        foreach (string line in lines)
        {
            card.Append("- ").Append(line).Append('\n');
        }

        card.Append('\n');
    }

    private static void Row(StringBuilder card, string name, ClassificationMetrics m) => card
        .Append("| ").Append(Inline(name)).Append(" | ").Append(m.N).Append(" | ")
        .Append(Numbers.WithInterval(m.Auc, m.Intervals.Auc)).Append(" | ").Append(Numbers.WithInterval(m.Accuracy, m.Intervals.Accuracy)).Append(" |\n");

    private static void Head(StringBuilder card, string key, string value) => card.Append(key).Append(": ").Append(value).Append('\n');

    private static string Known(string? value) => string.IsNullOrEmpty(value) || value == Numbers.None ? Todo : value;

    // An epsilon is rounded up: a card must not claim more than was computed.
    private static double? Up(double? value) => value is { } v ? Math.Ceiling(v * 1000 - 1e-9) / 1000 : null;

    private static string? Plain(double? value) => value is { } v && double.IsFinite(v) ? v.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : null;

    private static string Quote(string text) => "\"" + OneLine(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    // Markdown lets HTML through and table cells end at a bar: both are taken away from texts of the run.
    private static string Inline(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in OneLine(text))
        {
            escaped.Append(c switch { '<' => "&lt;", '>' => "&gt;", '&' => "&amp;", '|' or '[' or ']' or '`' or '*' or '\\' => "\\" + c, _ => c.ToString() });
        }

        return escaped.ToString();
    }

    private static string OneLine(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
}
