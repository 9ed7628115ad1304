using System.CommandLine;
using System.Globalization;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Reporting;
using Pellicle.Viewmaker;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Evaluation;

namespace Pellicle.Cli.Commands;

/// <summary><c>obfuscate evaluate</c>: how much attackers still read that never met the generator.</summary>
internal sealed class ObfuscateEvaluateCommand : CliCommand
{
    private readonly Argument<string?> _run = CliOption.Operand("RUN", "run folder of 'obfuscate train', such as runs/last");
    private readonly Option<int?> _seeds = CliOption.Whole("--seeds", "N", "fresh attackers of each kind [3]", 1, 100);
    private readonly Option<string[]?> _attackers = CliOption.List("--attackers", "LIST", $"any of {string.Join(", ", AttackOptions.Known)} [all but cnn_small and vit_tiny]", $"a comma-separated list of {string.Join(", ", AttackOptions.Known)}", AttackOptions.Known.Contains);
    private readonly Option<string[]?> _budgets = CliOption.List("--budgets", "LIST", "shares of the trained budget for the curve [0.2,0.4,0.6,0.8,1]", "numbers above 0 and at most 1", text => Share(text) is not null);
    private readonly Option<string[]?> _baselines = CliOption.List("--baselines", "LIST", $"none, or any of {string.Join(", ", ObfuscateEvaluateRequest.KnownBaselines)} [all]", $"none, or a comma-separated list of {string.Join(", ", ObfuscateEvaluateRequest.KnownBaselines)}", text => text == "none" || ObfuscateEvaluateRequest.KnownBaselines.Contains(text));
    private readonly Option<int?> _epochs = CliOption.Whole("--attack-epochs", "N", "most epochs of an attacker [20]", 1, 1000);
    private readonly Option<int?> _bootstrap = CliOption.Whole("--bootstrap", "N", "replicates for the intervals [500]", 0, 100_000);
    private readonly Option<double?> _require = CliOption.Number("--require-leakage-below", "X", "exit code 5 unless the worst leakage is below X", "a number above 0.5 and at most 1", value => value is > 0.5 and <= 1);
    private readonly Option<int?> _jpeg = CliOption.Whole("--jpeg-quality", "Q", "release JPEG, which is lossy, and evaluate that [PNG]", 1, 100);

    public override string Name => "obfuscate evaluate";

    public override string Summary => "attack obfuscated images by attackers that never met the generator";

    public override string Operands => "RUN";

    public override IReadOnlyList<Argument> Arguments => [_run];

    public override IReadOnlyList<Option> Options => [_seeds, _attackers, _budgets, _baselines, _epochs, _bootstrap, _require, _jpeg];

    public override IReadOnlyList<string> Details =>
    [
        "Images of three parts of the patients are released as files, read back, and attacked: fresh networks, a fine-tuned one, a linear",
        "reader of the task's features, the mean of 16 releases, a restoration before the original attacker. Leakage is max(AUC, 1 - AUC).",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples => ["pellicle obfuscate evaluate runs/last --seeds 3", "pellicle obfuscate evaluate runs/last --baselines none --require-leakage-below 0.65 --json"];

    public override CommandOutcome Run(CommandContext context)
    {
        string[] baselines = context.Value(_baselines) is { Length: > 0 } named ? [.. named.Where(name => name != "none")] : [.. ObfuscateEvaluateRequest.KnownBaselines];
        var attack = new AttackOptions();
        ObfuscateEvaluateResult result = new ObfuscateEvaluatePipeline(context.Host.Clock, context.Reporter.Note).Run(
            new ObfuscateEvaluateRequest
            {
                RunFolder = context.Value(_run)!,
                Attack = attack with
                {
                    Attackers = context.Value(_attackers) is { Length: > 0 } attackers ? [.. attackers.Distinct()] : attack.Attackers,
                    Seeds = context.Value(_seeds) ?? attack.Seeds,
                    Epochs = context.Value(_epochs) ?? attack.Epochs,
                    Replicates = context.Value(_bootstrap) ?? attack.Replicates,
                    Seed = context.Settings.Config.Seed,
                },
                Budgets = context.Value(_budgets) is { Length: > 0 } budgets ? [.. budgets.Select(text => Share(text)!.Value)] : new ObfuscateEvaluateRequest { RunFolder = "" }.Budgets,
                Baselines = baselines,
                RequireLeakageBelow = context.Value(_require),
                JpegQuality = context.Value(_jpeg),
                Threads = context.Threads,
            },
            context.Cancellation);
        string report = ReportPipeline.Run(new ReportRequest { RunFolders = [result.RunDir] }).File;
        result = result with { Report = report };
        return new CommandOutcome(result, writer => Write(writer, result), result.Failure);
    }

    /// <summary>Writes an attack for people.</summary>
    internal static void Write(TextWriter writer, AttributeAttackResult attack)
    {
        writer.WriteLine($"{attack.Attribute} ({string.Join(" | ", attack.Classes)}), {attack.N} test images{(attack.Patients is { } patients ? $" of {patients} patients" : "")}: worst leakage {ReadableNumber.Fixed(attack.WorstLeakage, 3)} [{ReadableNumber.Fixed(attack.WorstLeakageInterval?.Low, 3)}, {ReadableNumber.Fixed(attack.WorstLeakageInterval?.High, 3)}] by {attack.WorstAttacker}{(attack.FloorFromFinding is { } floor ? $"; the finding alone gives {ReadableNumber.Fixed(floor, 3)}" : "")}");
        if (attack.LeakagePublicGenerator is { } shared)
        {
            writer.WriteLine($"worst leakage if many releases of one picture can be averaged (generator public, or near-copies released): {ReadableNumber.Fixed(shared, 3)}");
        }

        var table = new TextTable("attacker", "trained on", ">seed", ">AUC", ">leakage", ">macro-F1", ">seconds");
        foreach (AttackerScore score in attack.Attackers)
        {
            table.Add(score.Name, score.TrainedOn, score.Seed.ToString(), ReadableNumber.Fixed(score.Auc, 3), ReadableNumber.Fixed(score.Leakage, 3), ReadableNumber.Fixed(score.MacroF1, 3), ReadableNumber.Fixed(score.Seconds, 1));
        }

        table.WriteTo(writer);
    }

    private static void Write(TextWriter writer, ObfuscateEvaluateResult result)
    {
        if (result.IsSmall)
        {
            writer.WriteLine($"only {(result.Splits.Test.Patients is { } patients ? $"{patients} test patients" : $"{result.Splits.Test.Images} test images (no patients are known)")}: the interval is {ReadableNumber.Fixed(result.HeadlineInterval?.Low, 3)} to {ReadableNumber.Fixed(result.HeadlineInterval?.High, 3)}");
        }

        writer.WriteLine($"worst leakage {ReadableNumber.Fixed(result.HeadlineLeakage, 3)} [{ReadableNumber.Fixed(result.HeadlineInterval?.Low, 3)}, {ReadableNumber.Fixed(result.HeadlineInterval?.High, 3)}] (originals {ReadableNumber.Fixed(result.Controls.IdentityLeakage, 3)}, grey pictures {ReadableNumber.Fixed(result.Controls.ConstantLeakage, 3)}, controls {(result.Controls.Passed ? "passed" : "FAILED: no headline")})");
        if (result.HeadlineInterval?.High >= result.Controls.IdentityLeakage)
        {
            writer.WriteLine("The interval reaches what originals leak: this obfuscation makes no difference that can be told from chance.");
        }

        foreach (AttributeAttackResult attribute in result.Attributes)
        {
            Write(writer, attribute);
        }

        TaskUtility u = result.Utility;
        writer.WriteLine($"task {u.Task}: AUC {ReadableNumber.Fixed(u.AucOriginal, 3)} on originals, {ReadableNumber.Fixed(u.AucObfuscated, 3)} obfuscated (difference {ReadableNumber.Fixed(u.Difference, 3)} [{ReadableNumber.Fixed(u.DifferenceInterval?.Low, 3)}, {ReadableNumber.Fixed(u.DifferenceInterval?.High, 3)}]); without retraining {ReadableNumber.Fixed(u.ZeroShotAuc, 3)}");
        if (u.AucOriginal < 0.6)
        {
            writer.WriteLine("The task is hardly read from originals either: these figures say little about what obfuscation costs.");
        }

        writer.WriteLine($"change: mean {ReadableNumber.Fixed(result.Fidelity.MeanAbsDelta, 4)}, largest {ReadableNumber.Fixed(result.Fidelity.MaxAbsDelta, 3)} of the pixel range, PSNR {ReadableNumber.Fixed(result.Fidelity.Psnr, 1)} dB, SSIM {ReadableNumber.Fixed(result.Fidelity.Ssim, 3)}");
        if (result.Reidentification is { } r)
        {
            writer.WriteLine($"re-identification of {r.Patients} patients: AUC {ReadableNumber.Fixed(r.Auc, 3)} (originals {ReadableNumber.Fixed(r.AucOriginal, 3)}), EER {ReadableNumber.Fixed(r.Eer, 3)}, precision at 1 {ReadableNumber.Fixed(r.PrecisionAt1, 3)}; linkage to originals AUC {ReadableNumber.Fixed(r.LinkageAuc, 3)}");
        }

        foreach (UntargetedColumn column in result.Untargeted)
        {
            writer.WriteLine($"not targeted: {column.Attribute} {ReadableNumber.Fixed(column.LeakageOriginal, 3)} to {ReadableNumber.Fixed(column.LeakageObfuscated, 3)}");
        }

        if (result.Baselines.Count > 0)
        {
            var table = new TextTable("method", "parameters", ">leakage", ">task AUC", ">mean change");
            foreach (BaselinePoint point in result.Baselines)
            {
                table.Add(point.Name, point.Parameters, ReadableNumber.Fixed(point.WorstLeakage, 3), ReadableNumber.Fixed(point.TaskAuc, 3), ReadableNumber.Fixed(point.MeanAbsDelta, 4));
            }

            table.WriteTo(writer);
            writer.WriteLine($"area under the privacy-utility curve: {string.Join(", ", result.Areas.Select(area => $"{area.Name} {ReadableNumber.Fixed(area.Area, 3)}"))}");
            writer.WriteLine(result.Baselines.All(point => point.Name == "generator") ? "No baseline was run." : result.NotDominated.Count == 0 ? "The generator is at least as good as every baseline that was run, at equal task AUC (within 0.01; one fresh network, no interval)." : $"The generator does not dominate: {string.Join("; ", result.NotDominated)}.");
        }

        writer.WriteLine($"report: {result.Report}");
        foreach (string sentence in HonestWording.Sentences)
        {
            writer.WriteLine(sentence);
        }
    }

    private static double? Share(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is > 0 and <= 1 ? value : null;
}
