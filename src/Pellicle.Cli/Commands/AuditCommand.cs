using System.CommandLine;
using Pellicle.Audit;
using Pellicle.Audit.Attacks;
using Pellicle.Audit.Canaries;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;

namespace Pellicle.Cli.Commands;

/// <summary><c>audit</c>: how much an attacker finds out in practice, beside what the accountant allows.</summary>
internal class AuditCommand : CliCommand
{
    private static readonly string[] Kinds = [.. Enum.GetNames<CanaryKind>().Select(name => name.ToLowerInvariant())];

    private readonly Argument<string?> _run = CliOption.Operand("RUN", "run folder, such as runs/last");
    private readonly Option<string[]?> _attacks = CliOption.List("--attack", "LIST", "any of loss, lira, lira-offline (shadow models), canary (a twin), gradient (white box)", "a comma-separated list of loss, lira, lira-offline, canary and gradient", AuditRequest.KnownAttacks.Contains);
    private readonly Option<int?> _shadows = CliOption.Whole("--shadow-models", "N", "shadow models of lira, an even number; kept in the run folder [16]", LikelihoodRatioAttack.FewestShadowModels, 100_000);
    private readonly Option<int?> _canaries = CliOption.Whole("--canaries", "N", "canaries of the canary attack [1000], gradients of the gradient attack [4000]", 20, 1_000_000);
    private readonly Option<string[]?> _kinds = CliOption.List("--canary-kind", "LIST", "what canaries are: mislabelled, noise, or gradient alone [mislabelled,noise]", "mislabelled, noise, mislabelled,noise or gradient", Kinds.Contains);
    private readonly Option<double?> _confidence = CliOption.Number("--confidence", "P", "confidence of the lower bound [0.95]", "a number above 0 and below 1", v => v is > 0 and < 1);
    private readonly Option<double?> _failAbove = CliOption.Number("--fail-above", "EPS", "exit code 5 if the lower bound is above EPS", "a number, at least 0", v => v >= 0);

    public override string Name => "audit";

    public override string Summary => "empirical privacy: lower bound on epsilon beside the accountant's";

    public override string Operands => "RUN";

    public override IReadOnlyList<string> Details =>
    [
        "Without --attack only the loss attack runs, which needs the model only.",
        "lira trains N shadow models and canary a twin on the run's own data; gradient plants gradients into",
        "the run's mechanism (networks up to 100,000 parameters). These are attacks on your own data: they",
        "are not charged to the run's budget, and what they train is private data.",
    ];

    public override IReadOnlyList<Argument> Arguments => [_run];

    public override IReadOnlyList<Option> Options => [_attacks, _shadows, _canaries, _kinds, _confidence, _failAbove];

    public override IReadOnlyList<string> Examples => ["pellicle audit runs/last", "pellicle audit runs/last --attack loss,lira,canary,gradient --shadow-models 32 --fail-above 8 --json"];

    /// <summary>What the command does if no option says otherwise.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="context">The call.</param>
    protected virtual AuditRequest Usual(string runFolder, CommandContext context) =>
        new() { RunFolder = runFolder, Threads = context.Threads, Seed = context.Settings.Config.Seed };

    public override CommandOutcome Run(CommandContext context)
    {
        AuditRequest request = Usual(context.Value(_run)!, context);
        request = request with
        {
            Attacks = context.Value(_attacks) is { Length: > 0 } named ? [.. named.Distinct()] : request.Attacks, // an option that is not given has an empty list
            ShadowModels = context.Value(_shadows) ?? request.ShadowModels,
            Canaries = context.Value(_canaries) ?? request.Canaries,
            GradientCanaries = context.Value(_canaries),
            CanaryKinds = context.Value(_kinds) is { Length: > 0 } kinds ? [.. kinds.Distinct().Select(kind => Enum.Parse<CanaryKind>(kind, ignoreCase: true))] : request.CanaryKinds,
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
        writer.WriteLine($"epsilon at least {ReadableNumber.Fixed(result.EpsilonLowerBound, 3)} (confidence {result.Confidence}); {upper}, at delta {ReadableNumber.Of(result.Delta)}");
        foreach (GaussianShift shift in result.Attacks.Select(attack => attack.Shift).OfType<GaussianShift>())
        {
            writer.WriteLine(shift.NoiseRatio is { } ratio
                ? $"gradient: noise over shift of a step is {ReadableNumber.Fixed(ratio, 3)} times the planned noise multiplier ({shift.Planted} planted gradients)"
                : $"gradient: the mechanism adds no noise ({shift.Planted} planted gradients)");
        }

        if (result.Controls.ShuffledMembership is { } control)
        {
            writer.WriteLine($"control: shuffled membership gives AUC {ReadableNumber.Fixed(control, 4)} (expected about 0.5)" + (result.Controls.Passed == false ? "; its interval does not hold 0.5: repeat with another --seed" : string.Empty));
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
