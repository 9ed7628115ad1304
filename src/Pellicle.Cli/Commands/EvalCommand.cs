using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Metrics;

namespace Pellicle.Cli.Commands;

/// <summary><c>eval</c>: metrics of a run on a split, with intervals and by group.</summary>
internal sealed class EvalCommand : CliCommand
{
    private readonly KeyOptions _key = new();
    private readonly Argument<string?> _run = CliOption.Operand("RUN", "run folder, such as runs/last");
    private readonly Option<string?> _split = CliOption.Choice("--split", "NAME", "train, validation or test [test]", "train", "validation", "test");
    private readonly Option<string?> _data = CliOption.Text("--data", "SRC", "other images than the run's own, such as those of another hospital");
    private readonly Option<double?> _threshold = CliOption.Number("--threshold", "P", "two classes: class 1 from this probability on [most probable]", "a number from 0 to 1", v => v is >= 0 and <= 1);
    private readonly Option<string[]?> _by = CliOption.List("--by", "LIST", "metrics by these columns, such as sex,age", "a comma-separated list of columns", _ => true);
    private readonly Option<int?> _bootstrap = CliOption.Whole("--bootstrap", "N", "replicates for the intervals, 0 for none [1000]", 0, 1_000_000);
    private readonly Option<string?> _interval = CliOption.Choice("--interval", "KIND", "percentile, or basic as NeuraCrypt's reference (with --bootstrap 5000) [percentile]", "percentile", "basic");
    private readonly Option<double?> _requireAuc = CliOption.Number("--require-auc", "X", "exit code 5 if the AUC is below X", "a number from 0 to 1", v => v is >= 0 and <= 1);

    public override string Name => "eval";

    public override string Summary => "metrics of a run on a split, with intervals";

    public override string Operands => "RUN";

    public override IReadOnlyList<Argument> Arguments => [_run];

    public override IReadOnlyList<Option> Options => [_split, _data, _threshold, _by, _bootstrap, _interval, _requireAuc, .. _key.All];

    public override IReadOnlyList<string> Details =>
    [
        "Intervals are 95 % bootstrap intervals, resampled by patient when patients are known. The figures are computed from",
        "data that the privacy guarantee does not cover: publishing them is a release of its own.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle eval runs/last --by sex --bootstrap 1000", "pellicle eval runs/last --split validation --require-auc 0.8 --json"];

    public override CommandOutcome Run(CommandContext context)
    {
        EvalResult result = new EvalPipeline().Run(
            new EvalRequest
            {
                RunFolder = context.Value(_run)!,
                Split = context.Value(_split) ?? "test",
                DataSource = context.Value(_data),
                Threshold = context.Value(_threshold),
                By = context.Value(_by) ?? [],
                Bootstrap = context.Value(_bootstrap) ?? 1000,
                Interval = context.Value(_interval) == "basic" ? IntervalKind.Basic : IntervalKind.Percentile,
                OpenEncoder = _key.EncoderOf(context),
                Threads = context.Threads,
            },
            context.Cancellation);
        return new CommandOutcome(result, writer => EvalText.Write(writer, result), Gate(context.Value(_requireAuc), result.Metrics.Auc));
    }

    private static GateFailedException? Gate(double? required, double? auc) =>
        required is null || auc >= required
            ? null
            : new GateFailedException($"the AUC is {ReadableNumber.Fixed(auc, 4)}; --require-auc asked for at least {required}.", "Train longer or with a larger budget, or lower the gate.");
}
