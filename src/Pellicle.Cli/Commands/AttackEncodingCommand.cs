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
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Nn;
using Pellicle.Reporting;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Commands;

/// <summary><c>attack encoding</c>: judges an encoded release by attacks.</summary>
internal sealed class AttackEncodingCommand : CliCommand
{
    private static readonly AttackBudget Usual = new();

    private readonly KeyOptions _passphrase = new();
    private readonly Argument<string?> _public = CliOption.Operand("PUBLIC", "public folder of 'encode run'");
    private readonly Option<string[]?> _methods = CliOption.List("--methods", "LIST", $"any of {string.Join(", ", AttackCatalog.Names)} [fingerprint]", $"a comma-separated list of {string.Join(", ", AttackCatalog.Names)}", AttackCatalog.Names.Contains);
    private readonly Option<string?> _gallery = CliOption.Text("--gallery", "SRC", "the attacker's candidate pictures (required)");
    private readonly Option<string?> _truth = CliOption.Text("--truth", "SECRET", "secret folder of the release, for scoring only; needs --key");
    private readonly Option<string?> _key = CliOption.Text("--key", "FILE", "key of the release, for scoring only");
    private readonly Option<int?> _images = CliOption.Whole("--images", "N", $"encodings attacked, and size of the gallery, at most [{Usual.Images}]", AttackBudget.FewestImages, 100_000);
    private readonly Option<int?> _keys = CliOption.Whole("--keys", "N", $"keys attacked, that of the release included; the others are drawn [{Usual.Keys}]", 1, 1000);
    private readonly Option<string[]?> _pairs = CliOption.List("--pairs", "LIST", $"known pairs of known-plaintext, one run each [{string.Join(',', Usual.Pairs)}]", "a comma-separated list of whole numbers of at least 1", IsCount);
    private readonly Option<int?> _steps = CliOption.Whole("--steps", "N", $"steps of trained attacks [{Usual.Steps}]", 1);
    private readonly Option<int?> _cloneSteps = CliOption.Whole("--clone-steps", "N", $"steps that refine a cloned encoder after its last layer was fitted [{Usual.CloneSteps}]", 0);
    private readonly Option<int?> _encoders = CliOption.Whole("--own-encoders", "N", $"encoders that the attacker draws to learn from [{Usual.OwnEncoders}]", 1, 10_000);
    private readonly Option<int?> _width = CliOption.Whole("--attacker-width", "W", $"width of the encoder that mmd, gan and transfer train, in widths of the release's [{Usual.AttackerWidth}]", 1, 3);
    private readonly Option<string?> _precision = CliOption.Choice("--precision", "FORMAT", "products of encoders that are drawn: float32, or bfloat16 (a third of the time) [float32]", "float32", "bfloat16");
    private readonly Option<string[]?> _curve = CliOption.List("--curve", "LIST", "gallery sizes at which the fingerprint attack is repeated, such as 128,512,2000", "a comma-separated list of whole numbers of at least 16", text => IsCount(text) && Number(text) >= AttackBudget.FewestImages);

    public override string Name => "attack encoding";

    public override string Summary => "who was encoded: attacks on your own encoded release";

    public override string Operands => "PUBLIC";

    public override IReadOnlyList<Argument> Arguments => [_public];

    public override IReadOnlyList<Option> Options =>
    [
        _methods, _gallery, _truth, _key, _images, _keys, _pairs, _steps, _cloneSteps, _encoders, _width, _precision, _curve, .. _passphrase.All,
        .. SettingOptions.Named("data.image", "data.label", "data.patient", "data.split", "data.limit", "data.imageRoot", "data.window", "data.attributes"),
    ];

    public override IReadOnlyList<string> Details =>
    [
        "With --truth and --key the release itself is attacked; otherwise, and for the other keys, encodings of the gallery under drawn keys",
        "of the same family stand in for it. Two controls run first: pixels must be found, noise must not. If one fails, exit code 1 and no rating.",
        "--out FILE writes a report as HTML and the result as JSON beside it.",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "pellicle attack encoding public/ --gallery xrays/ --methods fingerprint,known-plaintext --pairs 16",
        "pellicle attack encoding public/ --gallery xrays/ --truth secret/ --key hospital-a.key --methods matching --out attack.html --json",
    ];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Value(_gallery) is null)
        {
            yield return new Problem(_gallery.Name, "--gallery is not given; every attack here needs candidate pictures, and so do the controls.", "Give --gallery SRC.");
        }

        if (context.Value(_truth) is not null && context.Value(_key) is null)
        {
            yield return new Problem(_key.Name, "--truth is given without --key; the map of ids to files is sealed.", "Give --key FILE; it serves for scoring only.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        using Passphrase? passphrase = context.Value(_key) is { } key ? _passphrase.Read(context, key) : null;
        EncodingAttackResult result = new EncodingAttackPipeline(context.Host.Clock, context.Reporter.Warn, text => context.Reporter.Progress(() => text)).Run(
            new EncodingAttackRequest
            {
                PublicFolder = context.Value(_public)!,
                Gallery = context.Value(_gallery)!,
                Options = RunConfig.DatasetOptions(context.Settings.Config),
                Methods = context.Value(_methods) is { Length: > 0 } methods ? methods : ["fingerprint"],
                SecretFolder = context.Value(_truth),
                KeyFile = context.Value(_key),
                Budget = new AttackBudget
                {
                    Images = context.Value(_images) ?? Usual.Images,
                    Keys = context.Value(_keys) ?? Usual.Keys,
                    Pairs = context.Value(_pairs) is { Length: > 0 } pairs ? [.. pairs.Select(Number)] : Usual.Pairs,
                    Steps = context.Value(_steps) ?? Usual.Steps,
                    CloneSteps = context.Value(_cloneSteps) ?? Usual.CloneSteps,
                    OwnEncoders = context.Value(_encoders) ?? Usual.OwnEncoders,
                    AttackerWidth = context.Value(_width) ?? Usual.AttackerWidth,
                    Curve = [.. (context.Value(_curve) ?? []).Select(Number)],
                },
                Precision = Enum.Parse<ProductPrecision>(context.Value(_precision) ?? "float32", ignoreCase: true),
                Threads = context.Threads,
            },
            passphrase,
            context.Cancellation);
        if (context.Out is { } file)
        {
            EncodingAttackReport.Write(result, file);
            AtomicFile.WriteAllText(Path.ChangeExtension(file, ".json"), JsonSerializer.Serialize(result, PellicleJson.Indented));
        }

        return new CommandOutcome(result, writer => Write(writer, result, context.Out), result.ControlFailure);
    }

    private static bool IsCount(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Write(TextWriter writer, EncodingAttackResult result, string? file)
    {
        var table = new TextTable("attack", ">images", ">assigned", ">top-1", ">first hit", ">median rank", ">seconds", "stages");
        foreach (EncodingMethodResult method in result.Methods)
        {
            table.Add(
                method.Name + (method.IsControl ? " (control)" : ""), method.Images.ToString(CultureInfo.InvariantCulture), Percent(method.AssignmentAccuracy), Percent(method.Top1),
                method.GuessesToFirstHit?.ToString(CultureInfo.InvariantCulture) ?? "-", ReadableNumber.Fixed(method.MedianRank, 1), ReadableNumber.Fixed(method.Seconds, 1),
                string.Join(", ", method.Stages.Select(stage => $"{stage.Name} {Percent(stage.Value)}").Concat(method.Extra.Select(pair => $"{pair.Key} {ReadableNumber.Of(pair.Value)}"))));
        }

        table.WriteTo(writer);
        writer.WriteLine($"gallery {result.Gallery.Images} pictures, chance {ReadableNumber.Percent(result.Chance)}; controls: pixels {ReadableNumber.Percent(result.Controls.Identity)}, noise {ReadableNumber.Percent(result.Controls.RandomBits)}; {ReadableNumber.Fixed(result.SecondsTotal, 1)} s in all");
        foreach (CurvePoint point in result.Curve)
        {
            writer.WriteLine($"fingerprint, gallery of {point.Images}: assigned {ReadableNumber.Percent(point.AssignmentAccuracy)}, top-1 {ReadableNumber.Percent(point.Top1)}, median rank {ReadableNumber.Fixed(point.MedianRank, 1)}");
        }

        writer.WriteLine(result.Rating is { } rating ? $"rating {rating.ToString().ToLowerInvariant()}, by '{result.Worst!.Method}' ({ReadableNumber.Percent(result.Worst.AssignmentAccuracy)} under its luckiest key)" : "no rating");
        if (file is not null)
        {
            writer.WriteLine($"{file}, {Path.ChangeExtension(file, ".json")}");
        }

        foreach (string sentence in HonestWording.Sentences)
        {
            writer.WriteLine(sentence);
        }
    }

    private static string Percent(double? value) => value is { } v ? ReadableNumber.Percent(v) : "-";
}
