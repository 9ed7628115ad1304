using Pellicle.Audit;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;
using Pellicle.Reporting.Sections;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Metrics;
using static Pellicle.Reporting.Cards.CardText;

namespace Pellicle.Reporting.Cards;

/// <summary>Writes a model card (Mitchell et al. 2019) in Markdown with a YAML head. What the run folder does not say stays TODO; nothing is invented.</summary>
internal static class ModelCard
{
    /// <summary>Groups with fewer images than this are marked: their intervals are wide, and their figures nearly those of single persons.</summary>
    private const int SmallGroup = 50;

    public static string Build(RunContent run)
    {
        var card = new CardText();
        AddHead(card, run);
        card.Paragraph("# " + Inline(run.Name));
        if (run.IsSynthetic)
        {
            card.Paragraph($"**{Wording.SyntheticStamp}**");
        }

        card.Paragraph(Wording.Use);
        card.Section("Intended use", "Users and purpose: " + Todo, "Out of scope: diagnosis, treatment and every other clinical decision; images unlike those described below; " + Todo);
        AddModel(card, run);
        AddData(card, run);
        AddPrivacy(card, run);
        AddEvaluation(card, run);
        AddAudit(card, run);
        card.Section("Limits and risks", [.. TrustSection.Limits(run), "Fairness: differential privacy says nothing about it, and noise and clipping often cost small groups more; compare the groups above.", "Known failures: " + Todo, "Contact: " + Todo]);
        return card.ToString();
    }

    private static void AddHead(CardText card, RunContent run)
    {
        bool holds = run.Guarantee == GuaranteeKind.Holds;
        JsonFields? privacy = holds ? run.Privacy : null;
        card.Fence();
        card.Head("name", Quote(run.Name));
        card.Head("license", Todo);
        card.Head("library", "pellicle");
        card.Head("task", "image-classification");
        card.Head("architecture", Wording.Model(run) is "unknown model" ? Todo : Quote(Wording.Model(run)));
        card.Head("classes", run.Headline is { } e ? "[" + string.Join(", ", e.Classes.Select(Quote)) + "]" : Todo);
        card.Head("synthetic_data", run.Run is null ? Todo : run.IsSynthetic ? "true" : "false");
        card.Head("intended_use", Todo);
        card.Head("medical_device", "false");
        card.Head("privacy", string.Empty);
        card.Head("  guarantee", run.Guarantee switch { GuaranteeKind.Holds => "differential-privacy", GuaranteeKind.Unknown => Todo, _ => "none" });
        if (holds)
        {
            card.Head("  epsilon", Known(Plain(Up(privacy?.Number("epsilon")))));
            card.Head("  delta", Known(Plain(privacy?.Number("delta"))));
            card.Head("  unit", Known(privacy?.Text("unit")));
            card.Head("  neighbouring_relation", Known(privacy?.Text("neighbouringRelation")));
            card.Head("  sampling", Known(privacy?.Text("sampling")));
            card.Head("  accountant", Known(privacy?.Text("accountant")));
            card.Head("  ledger_sha256", Known(run.Ledger?.Hash));
        }

        card.Head("metrics", string.Empty);
        card.Head("  split", run.Headline?.Split ?? Todo);
        card.Head("  auc", Known(Plain(run.Headline?.Metrics.Auc)));
        card.Head("  accuracy", Known(Plain(run.Headline?.Metrics.Accuracy)));
        card.Fence(isEnd: true);
    }

    private static void AddModel(CardText card, RunContent run)
    {
        JsonFields? result = run.Run?.Object("result");
        JsonFields? model = result?.Object("model");
        JsonFields? pretraining = run.Privacy?.Object("pretraining");
        string rate = Known(Wording.ConfigValue(run, "train", "lr"));
        card.Section(
            "Model",
            $"Network: {Inline(Wording.Model(run))}, {Known(Numbers.Count(model?.Number("trainableParameters")))} of {Known(Numbers.Count(model?.Number("parameters")))} parameters trained",
            $"Input: square images of {Known(Numbers.Count(model?.Number("imageSize")))} pixels, normalised by public constants (model/metadata.json)",
            $"Initial weights and statistics: {(pretraining is null ? run.Privacy is null ? Todo : "random, or not recorded" : Inline(pretraining.Text("source") ?? Todo) + (pretraining.Flag("isPublic") == true ? " (declared public)" : " (not declared public)"))}",
            $"Training: {Known(Numbers.Count(result?.Number("steps")))} steps, {Known(Numbers.General(result?.Number("epochs")))} epochs, batch {Known(Wording.ConfigValue(run, "train", "batch"))}, {Known(Wording.ConfigValue(run, "train", "optimizer"))} at learning rate {rate}"
                + $", augmentation {Known(Wording.ConfigValue(run, "train", "augment"))}",
            $"Made with Pellicle {Known(run.Run?.Text("pellicleVersion"))} on {Known(run.Run?.Text("startedAt") is { Length: >= 10 } started ? started[..10] : null)}");
    }

    private static void AddData(CardText card, RunContent run)
    {
        JsonFields? data = run.Run?.Object("result")?.Object("data");
        card.Section(
            "Data",
            $"Source: {Inline(Wording.Source(run))}",
            $"Training images: {Known(Numbers.Count(data?.Number("nTrain")))}; validation {Known(Numbers.Count(data?.Number("nValidation")))}; test {Known(Numbers.Count(data?.Number("nTest")))}",
            $"Patients in training: {Known(Numbers.Count(data?.Number("patients")))}",
            $"Fingerprint (SHA-256): {Known(run.Run?.Text("dataFingerprint"))}",
            "Collection, devices, consent and population: " + Todo);
    }

    private static void AddPrivacy(CardText card, RunContent run)
    {
        string text = run.Guarantee switch
        {
            GuaranteeKind.Holds => Inline(run.Privacy!.Text("statement") ?? Todo),
            GuaranteeKind.None => "Trained WITHOUT differential privacy: no guarantee. Treat the model as confidential as its training data.",
            GuaranteeKind.InsecureNoise => "No guarantee: the noise came from a seed meant for tests.",
            GuaranteeKind.Unsupported => "No guarantee: " + Inline(run.Ledger?.Problem ?? "the ledger does not support the statement."),
            _ => Todo,
        };
        string[] facts = run.Guarantee == GuaranteeKind.Holds
            ? [$"Guarantee: {Wording.Guarantee(run)} {Wording.Qualifiers(run)}", .. run.Privacy!.Texts("notCovered").Select(item => "Not covered: " + Inline(item))]
            : [];
        card.Section("Privacy", [text, .. facts]);
    }

    private static void AddEvaluation(CardText card, RunContent run)
    {
        card.Title("Evaluation");
        if (run.Headline is not { } evaluation)
        {
            card.Paragraph(Todo + ": run `pellicle eval` on the run, with `--by` for groups." + AtTheEnd(run));
            return;
        }

        ClassificationMetrics m = evaluation.Metrics;
        card.Table(
            ["group", "images", "AUC [95 %]", "accuracy [95 %]", "balanced accuracy [95 %]"],
            [Row($"all ({evaluation.Split})", m), .. evaluation.Groups.Select(group => Row($"{group.Attribute}: {group.Value}{(group.Metrics.N < SmallGroup ? " (few images)" : string.Empty)}", group.Metrics))]);
        card.Paragraph(
            $"Intervals: bootstrap with {Numbers.Count(evaluation.Bootstrap.Replicates)} replicates over {evaluation.Bootstrap.ResampledUnit}s. "
            + $"Loss {Numbers.Rate(m.Loss)}, Brier score {Numbers.Rate(m.Brier)}, calibration error (ECE) {Numbers.Rate(m.Ece)}, Cohen's kappa {Numbers.Rate(m.Kappa)}. "
            + (evaluation.CoveredByGuarantee ? string.Empty : "These figures come from images outside the guarantee. ")
            + Spread(evaluation));
        if (m.Confusion.Count is > 0 and <= 12)
        {
            card.Table(
                ["truth \\ predicted", .. evaluation.Classes.Select(Inline)],
                m.Confusion.Select((row, i) => (IReadOnlyList<string>)[Inline(evaluation.Classes.ElementAtOrDefault(i) ?? $"{i}"), .. row.Select(count => $"{count}")]));
        }
    }

    /// <summary>How far apart the groups are: the question of a reviewer who sees a good average.</summary>
    private static string Spread(EvalResult evaluation)
    {
        if (evaluation.Groups.Count == 0)
        {
            return "No groups were evaluated (`pellicle eval --by sex,age`): whether the model serves all groups alike is " + Todo + ".";
        }

        var text = new List<string>();
        foreach (IGrouping<string, GroupMetrics> attribute in evaluation.Groups.GroupBy(group => group.Attribute))
        {
            GroupMetrics[] known = [.. attribute.Where(group => group.Metrics.BalancedAccuracy is not null).OrderBy(group => group.Metrics.BalancedAccuracy)];
            if (known.Length >= 2)
            {
                text.Add($"Balanced accuracy by {Inline(attribute.Key)}: {Numbers.Rate(known[0].Metrics.BalancedAccuracy)} ({Inline(known[0].Value)}) to {Numbers.Rate(known[^1].Metrics.BalancedAccuracy)} ({Inline(known[^1].Value)}).");
            }
        }

        return string.Join(' ', text);
    }

    // What training itself looked at, without intervals: better than nothing, and said so.
    private static string AtTheEnd(RunContent run)
    {
        JsonFields? result = run.Run?.Object("result");
        foreach (string split in new[] { "test", "validation" })
        {
            if (result?.Object(split) is { } metrics)
            {
                return $" At the end of training, {split} split, {Numbers.Count(metrics.Number("n"))} images: AUC {Numbers.Rate(metrics.Number("auc"))}, accuracy {Numbers.Rate(metrics.Number("accuracy"))}.";
            }
        }

        return string.Empty;
    }

    private static void AddAudit(CardText card, RunContent run)
    {
        if (run.Audit is not { } audit)
        {
            card.Section("Audit", Todo + ": run `pellicle audit` on the run");
            return;
        }

        card.Section(
            "Audit",
            [
                $"Attacks show epsilon of at least {Numbers.EpsilonDown(audit.EpsilonLowerBound)} with confidence {Numbers.Percent(audit.Confidence)} at delta {Numbers.General(audit.Delta)}; "
                    + (audit.EpsilonUpperBound is { } upper ? $"the accountant allows {Numbers.EpsilonUp(upper)}." : "there is no upper bound."),
                audit.EpsilonUpperBound is null ? "Without a guarantee there is nothing that an attack could contradict."
                    : audit.Consistent ? "This does not contradict the guarantee. An audit can disprove a guarantee, never prove one." : "This CONTRADICTS the guarantee: do not use the model.",
                .. audit.Attacks.Select(Attack),
            ]);
    }

    private static string Attack(AttackResult attack)
    {
        string auc = attack.Auc is null ? string.Empty : $"AUC {Numbers.WithInterval(attack.Auc, attack.AucInterval)} (0.5 is guessing), ";
        string rate = attack.TprAtFpr is [var low, ..] ? $"true positives at {Numbers.Percent(low.Fpr)} false positives {Numbers.Percent(low.Tpr)}, " : string.Empty;
        return $"{Inline(attack.Name)} attack on {Numbers.Count(attack.N)} targets: {auc}{rate}epsilon at least {Numbers.EpsilonDown(attack.EpsilonLowerBound)}";
    }

    private static IReadOnlyList<string> Row(string name, ClassificationMetrics m) =>
    [
        Inline(name),
        $"{m.N}",
        Numbers.WithInterval(m.Auc, m.Intervals.Auc),
        Numbers.WithInterval(m.Accuracy, m.Intervals.Accuracy),
        Numbers.WithInterval(m.BalancedAccuracy, m.Intervals.BalancedAccuracy),
    ];

    // An epsilon is rounded up: a card must not claim more than was computed.
    private static double? Up(double? value) => value is { } v ? Math.Ceiling(v * 1000 - 1e-9) / 1000 : null;
}
