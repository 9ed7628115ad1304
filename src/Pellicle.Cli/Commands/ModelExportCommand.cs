using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Compiler.Reading;
using Pellicle.Training.Exchange;

namespace Pellicle.Cli.Commands;

/// <summary><c>model export</c>: a trained model as one file, checked against the model before it is kept.</summary>
internal sealed class ModelExportCommand : CliCommand
{
    private readonly Argument<string?> _run = CliOption.Operand("RUN", "run folder or model folder");
    private readonly Option<string?> _format = CliOption.Choice("--format", "NAME", "safetensors, onnx or bundle [onnx]", "safetensors", "onnx", "bundle");
    private readonly Option<bool> _mpcReady = CliOption.Flag("--mpc-ready", "exit code 5 if an operator has no rule for encrypted prediction");

    public override string Name => "model export";

    public override string Summary => "write a model as safetensors, ONNX or both";

    public override string Operands => "RUN";

    public override IReadOnlyList<Argument> Arguments => [_run];

    public override IReadOnlyList<Option> Options => [_format, _mpcReady];

    public override IReadOnlyList<string> Details =>
    [
        "The ONNX file (opset 17) takes normalised images and gives logits; class names, normalisation and the privacy statement",
        "are inside. It is run in the clear and compared with the model before it is kept. A bundle is a ZIP with all of it.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle model export runs/last --format onnx", "pellicle model export runs/last --format bundle --out model.zip --json"];

    public override CommandOutcome Run(CommandContext context)
    {
        bool mustBeReady = context.Value(_mpcReady);
        ModelExportResult result = new ModelExportPipeline(NetworkReader.ProblemsOf).Run(new ModelExportRequest
        {
            Model = context.Value(_run)!,
            Format = Enum.Parse<ModelFormat>(context.Value(_format) ?? "onnx", ignoreCase: true),
            OutFile = context.Out,
            Threads = context.Threads,
        });
        return new CommandOutcome(result, writer =>
        {
            writer.WriteLine($"wrote {string.Join(", ", result.Files)}; largest difference to the model {ReadableNumber.Of(result.MaxAbsDifference)}");
            if (result.MpcReady is { } isReady)
            {
                writer.WriteLine(isReady ? "ready for encrypted prediction" : $"not ready for encrypted prediction: {result.MpcProblems[0].Message}");
            }

            writer.WriteLine(result.PrivacyStatement);
            writer.WriteLine("Research use, not a medical device.");
        }, mustBeReady && result.MpcReady != true ? Unready(result) : null);
    }

    private static GateFailedException Unready(ModelExportResult result) => new(
        result.MpcReady is null
            ? "--mpc-ready was asked for, but safetensors hold no graph."
            : $"--mpc-ready was asked for, but {result.MpcProblems.Count} nodes have no rule; the first: {result.MpcProblems[0].Message}",
        "Export as ONNX a network whose operators are in docs/reference/onnx.md.",
        result.MpcProblems);
}
