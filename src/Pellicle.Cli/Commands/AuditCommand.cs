using System.CommandLine;
using Pellicle.Audit;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;

namespace Pellicle.Cli.Commands;

/// <summary><c>audit</c>: how much an attacker finds out in practice, beside what the accountant allows.</summary>
internal sealed class AuditCommand : CliCommand
{
    private static readonly string[] Known = ["loss", "canary"];

    private readonly Argument<string?> _run = CliOption.Operand("RUN", "run folder, such as runs/last");
    private readonly Option<string[]?> _attacks = CliOption.List("--attack", "LIST", "loss, canary or both; canary trains a twin of the run [loss]", "a comma-separated list of loss and canary", Known.Contains);
    private readonly Option<int?> _canaries = CliOption.Whole("--canaries", "N", "canaries of the canary attack [1000]", 20, 1_000_000);
    private readonly Option<double?> _confidence = CliOption.Number("--confidence", "P", "confidence of the lower bound [0.95]", "a number above 0 and below 1", v => v is > 0 and < 1);
    private readonly Option<double?> _failAbove = CliOption.Number("--fail-above", "EPS", "exit code 5 if the lower bound is above EPS", "a number, at least 0", v => v >= 0);

    public override string Name => "audit";

    public override string Summary => "empirical privacy: lower bound on epsilon beside the accountant's";

    public override string Operands => "RUN";

    public override IReadOnlyList<Argument> Arguments => [_run];

    public override IReadOnlyList<Option> Options => [_attacks, _canaries, _confidence, _failAbove];

    public override IReadOnlyList<string> Examples => ["pellicle audit runs/last", "pellicle audit runs/last --attack loss,canary --canaries 2000 --fail-above 8 --json"];

    public override CommandOutcome Run(CommandContext context)
    {
        var request = new AuditRequest { RunFolder = context.Value(_run)!, Threads = context.Threads, Seed = context.Settings.Config.Seed };
        request = request with
        {
            Attacks = context.Value(_attacks) is { Length: > 0 } named ? [.. named.Distinct()] : request.Attacks, // an option that is not given has an empty list
            Canaries = context.Value(_canaries) ?? request.Canaries,
            Confidence = context.Value(_confidence) ?? request.Confidence,
        };
        AuditResult result = new AuditPipeline(context.Host.Clock, new SystemSecureRandom(), new TrainingProgress(context.Reporter, "audit")).Run(request, context.Cancellation);
        return new CommandOutcome(result, writer => Write(writer, result), Gate(context.Value(_failAbove), result));
    }

    /// <summary>Writes an audit for people.</summary>
    /// <param name="writer">Takes the lines.</param>
    /// <param name="result">The audit.</param>
    internal static void Write(TextWriter writer, AuditResult result)
    {
        var table = new TextTable("attack", ">n", ">AUC", ">advantage", ">TPR at 0.1 %", ">epsilon at least", ">seconds");
        foreach (AttackResult attack in result.Attacks)
        {
            double? tpr = attack.TprAtFpr.Count == 0 ? null : attack.TprAtFpr[0].Tpr;
            table.Add(
                attack.Name, attack.N.ToString(), ReadableNumber.Fixed(attack.Auc, 4), ReadableNumber.Fixed(attack.Advantage, 4), ReadableNumber.Fixed(tpr, 4),
                ReadableNumber.Fixed(attack.EpsilonLowerBound, 3), ReadableNumber.Fixed(attack.Seconds, 1));
        }

        table.WriteTo(writer);
        string upper = result.EpsilonUpperBound is { } bound ? $"the accountant allows {ReadableNumber.Fixed(bound, 3)}" : "the run has no guarantee";
        writer.WriteLine($"epsilon at least {ReadableNumber.Fixed(result.EpsilonLowerBound, 3)} (confidence {result.Confidence}); {upper}, at delta {result.Delta}");
        if (result.Controls.ShuffledMembership is { } control)
        {
            writer.WriteLine($"control: shuffled membership gives AUC {ReadableNumber.Fixed(control, 4)} (expected about 0.5)");
        }

        if (!result.Consistent)
        {
            writer.WriteLine("THE GUARANTEE IS BROKEN: the lower bound is above the accountant's epsilon.");
        }
    }

    private static GateFailedException? Gate(double? limit, AuditResult result) =>
        result.EpsilonLowerBound > limit
            ? new GateFailedException($"the audit shows an epsilon of at least {ReadableNumber.Fixed(result.EpsilonLowerBound, 3)}; --fail-above asked for at most {limit}.", "Train with more noise or a smaller budget.")
            : null;
}
