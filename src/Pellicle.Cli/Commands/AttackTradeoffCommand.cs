using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Json;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Tradeoff;
using Pellicle.Reporting;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Commands;

/// <summary><c>attack tradeoff</c>: use against re-identification for several ways to release the same images.</summary>
internal sealed class AttackTradeoffCommand : CliCommand
{
    private readonly ArchitectureOptions _architecture = new();
    private readonly Argument<string?> _source = CliOption.Operand("SRC", "labelled pictures with the splits train and test");
    private readonly Option<string[]?> _epsilons = CliOption.List("--epsilons", "LIST", "local epsilons of the noise, one way each; 'none' leaves noise out [10,100,1000,10000]", "a comma-separated list of numbers above 0, or none", text => text == "none" || (Number(text) is { } value && value > 0 && double.IsFinite(value)));
    private readonly Option<double?> _delta = CliOption.Number("--delta", "D", "delta of the noise [1e-5]", "a number between 0 and 1", v => v is > 0 and < 1);
    private readonly Option<string[]?> _obfuscator = CliOption.List("--obfuscator-steps", "LIST", "training steps of the obfuscator, one way each; 0 is the same network untrained [0,300]", "a comma-separated list of whole numbers", text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _));
    private readonly Option<int?> _train = CliOption.Whole("--train-images", "N", "pictures that the task learns from, at most [600]", 32);
    private readonly Option<int?> _test = CliOption.Whole("--test-images", "N", "pictures that the task is judged on, at most [400]", 32);
    private readonly Option<int?> _images = CliOption.Whole("--images", "N", "encodings attacked, at most [128]", 16);
    private readonly Option<int?> _steps = CliOption.Whole("--steps", "N", "steps of trained attacks [500]", 1);

    public override string Name => "attack tradeoff";

    public override string Summary => "task AUC against guesswork: plain, NeuraCrypt, trained obfuscator, noise";

    public override string Operands => "SRC";

    public override IReadOnlyList<Argument> Arguments => [_source];

    public override IReadOnlyList<Option> Options =>
    [
        _epsilons, _delta, _obfuscator, _train, _test, _images, _steps, .. _architecture.All,
        .. SettingOptions.Named("data.image", "data.label", "data.patient", "data.split", "data.limit", "data.imageRoot", "data.window"),
    ];

    public override IReadOnlyList<string> Details =>
    [
        "The task is the last class against the others, learned by a plain classifier from released data alone. Each way is attacked by the same suite with",
        "both controls. Only noise has a stated bound: local (epsilon, delta) differential privacy of one image, replaced by any other, released once.",
        "The obfuscator's blocks are trained on the training split, as if it were public. --out FILE writes a report as HTML and the result as JSON beside it.",
        HonestWording.FirstSentence,
    ];

    public override IReadOnlyList<string> Examples => ["pellicle attack tradeoff xrays.zip --image-size 64 --patch-size 8 --hidden 256 --out tradeoff.html"];

    public override IEnumerable<Problem> Check(CommandContext context) => _architecture.Check(context);

    public override CommandOutcome Run(CommandContext context)
    {
        var usual = new TradeoffRequest { Source = context.Value(_source)!, Options = RunConfig.DatasetOptions(context.Settings.Config), Architecture = _architecture.Read(context) };
        TradeoffResult result = new TradeoffPipeline(context.Host.Clock, text => context.Reporter.Progress(() => text)).Run(
            usual with
            {
                Epsilons = context.Value(_epsilons) is { Length: > 0 } list ? [.. list.Select(Number).OfType<double>()] : usual.Epsilons,
                Delta = context.Value(_delta) ?? usual.Delta,
                ObfuscatorSteps = context.Value(_obfuscator) is { Length: > 0 } steps ? [.. steps.Select(text => int.Parse(text, CultureInfo.InvariantCulture))] : usual.ObfuscatorSteps,
                TrainImages = context.Value(_train) ?? usual.TrainImages,
                TestImages = context.Value(_test) ?? usual.TestImages,
                AttackImages = context.Value(_images) ?? usual.AttackImages,
                AttackSteps = context.Value(_steps) ?? usual.AttackSteps,
                Threads = context.Threads,
                Seed = context.Settings.Config.Seed,
            },
            context.Cancellation);
        if (context.Out is { } file)
        {
            TradeoffReport.Write(result, file);
            AtomicFile.WriteAllText(Path.ChangeExtension(file, ".json"), JsonSerializer.Serialize(result, PellicleJson.Indented));
        }

        ControlFailedException? failure = result.Points.FirstOrDefault(point => !point.ControlsPassed) is { } failed
            ? new ControlFailedException($"a control of the attacks failed for '{failed.Name}', so its figures do not count.", "Repeat it; twice in a row is a fault of the harness.")
            : null;
        return new CommandOutcome(result, writer => Write(writer, result), failure);
    }

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private static void Write(TextWriter writer, TradeoffResult result)
    {
        var table = new TextTable("release", ">task AUC", ">guesses to first hit", ">assigned", "by", "bound");
        foreach (TradeoffPoint point in result.Points)
        {
            table.Add(
                point.Name, $"{ReadableNumber.Fixed(point.Auc, 3)} [{ReadableNumber.Fixed(point.AucInterval.Low, 3)}, {ReadableNumber.Fixed(point.AucInterval.High, 3)}]", point.Guesswork.ToString(CultureInfo.InvariantCulture),
                ReadableNumber.Percent(point.AssignmentAccuracy), point.WorstAttack, point.Guarantee is { } g ? $"local epsilon {ReadableNumber.Of(g.Epsilon)} at delta {ReadableNumber.Of(g.Delta)}" : "none");
        }

        table.WriteTo(writer);
        writer.WriteLine($"task: {result.Task}, learned from {result.TrainImages} and judged on {result.TestImages} pictures");
        foreach (string sentence in HonestWording.Sentences)
        {
            writer.WriteLine(sentence);
        }
    }
}
