using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Nn;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Commands;

/// <summary><c>encode run</c>: encodes a source into a public and a secret folder, after an audit.</summary>
internal sealed class EncodeRunCommand : CliCommand
{
    private readonly KeyOptions _passphrase = new();
    private readonly Argument<string?> _source = CliOption.Operand("SRC", "any source; 'pellicle data inspect --help' lists the kinds");
    private readonly Option<string?> _key = CliOption.Text("--key", "FILE", "the key (required)");
    private readonly Option<string?> _secret = CliOption.Text("--secret", "DIR", "folder for the sealed map of ids to files; never publish it (required)");
    private readonly Option<string?> _format = CliOption.Choice("--format", "NAME", "safetensors: shards of 1 GB; npy: one file an image [safetensors]", "safetensors", "npy");
    private readonly Option<string?> _dtype = CliOption.Choice("--dtype", "TYPE", "number format of encodings; int8 has one scale for each of the hidden numbers [f32]", "f32", "f16", "bf16", "int8");
    private readonly Option<string?> _precision = CliOption.Choice("--precision", "FORMAT", "operands of products: float32, or bfloat16 (a third of the time, encodings within 2 %) [float32]", "float32", "bfloat16");
    private readonly Option<int?> _batch = CliOption.Whole("--batch", "N", "images encoded together; changes encodings only if the key has norms of the batch [32]", 1, 4096);
    private readonly Option<string?> _shuffle = CliOption.Choice("--shuffle", "MODE", "order of patches: fresh for each image, keyed (repeatable), none [fresh]", "fresh", "keyed", "none");
    private readonly Option<string?> _labels = CliOption.Choice("--labels", "MODE", "publish, coarse (groups of --coarse) or omit [publish]", "publish", "coarse", "omit");
    private readonly Option<string[]?> _coarse = CliOption.List("--coarse", "LIST", "groups of classes for --labels coarse, such as benign=nevus+keratosis,malignant=melanoma", "a comma-separated list of GROUP=CLASS+CLASS", item => item.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && at < item.Length - 1);
    private readonly Option<int?> _pad = CliOption.Whole("--pad-count", "N", "hide the number of training images: fill the release up to a multiple of N with encodings of mixtures of two of them of one class", 1, 1_000_000);
    private readonly Option<string?> _audit = CliOption.Choice("--audit", "MODE", "attack up to 128 images before anything is written: quick without training, full with matching, mmd and contrastive (hours at the usual sizes); off needs the acceptance [quick]", "quick", "full", "off");
    private readonly Option<double?> _noiseEpsilon = CliOption.Number("--noise-epsilon", "EPS", "clip each encoding and add Gaussian noise: local epsilon of one image, replaced by any other, released once", "a number above 0", value => value > 0);
    private readonly Option<double?> _noiseDelta = CliOption.Number("--noise-delta", "DELTA", "its delta [1e-5]", "a number above 0 and below 1", value => value is > 0 and < 1);
    private readonly Option<double?> _noiseClip = CliOption.Number("--noise-clip", "C", "bound of the L2 norm of an encoding; a public constant, not one measured on the images", "a number above 0", value => value > 0);
    private readonly Option<string?> _gallery = CliOption.Text("--gallery", "SRC", "further candidate pictures for the audit's attacker, up to 384, beside those encoded");
    private readonly Option<string?> _accept = CliOption.Text("--i-accept-reidentification-risk", "REASON", "publish whatever the audit finds; the reason goes into the manifest");
    private readonly Option<string?> _sign = CliOption.Text("--sign", "FILE", "PEM file of an ECDSA P-256 key that signs the manifest");

    public override string Name => "encode run";

    public override string Summary => "encode images for others to train on, after an audit";

    public override string Operands => "SRC";

    public override IReadOnlyList<Argument> Arguments => [_source];

    public override IReadOnlyList<Option> Options =>
    [
        _key, _secret, _format, _dtype, _precision, _batch, _shuffle, _labels, _coarse, _pad, _noiseEpsilon, _noiseDelta, _noiseClip, _audit, _gallery, _accept, _sign, .. _passphrase.All,
        .. SettingOptions.Named("data.image", "data.label", "data.patient", "data.split", "data.validationShare", "data.limit", "data.imageRoot", "data.window"),
    ];

    public override IReadOnlyList<string> Details =>
    [
        "Writes encodings, labels.csv and manifest.json to --out DIR, under random ids in their order, and the sealed map to --secret DIR.",
        "First an attack without training looks for up to 128 of the images among their encodings. Above 5 % the command exits with 4 and",
        "writes nothing to --out, unless the risk is accepted with a reason. It nearly always does. An interrupted run goes on when called again.",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "pellicle encode run xrays/ --key hospital-a.key --out public/ --secret secret/ --i-accept-reidentification-risk agreement-17",
        "pellicle encode run xrays.zip --key tiny.key --out public --secret secret --dtype bf16 --json",
    ];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        foreach ((Option<string?> option, string what) in new[] { (_key, "the key file"), (GlobalOptions.Out, "the folder to publish"), (_secret, "the folder to keep") })
        {
            if (context.Value(option) is null)
            {
                yield return new Problem(option.Name, $"{option.Name} is not given; it names {what}.", $"Give {option.Name} {option.HelpName}.");
            }
        }

        if (context.Value(_format) == "npy" && context.Value(_dtype) is "bf16" or "int8")
        {
            yield return new Problem("--dtype", $"--dtype is {context.Value(_dtype)} with --format npy, which holds f32 and f16 only.", "Use f16, or --format safetensors.");
        }

        if (context.Value(_labels) == "coarse" != context.IsGiven(_coarse))
        {
            yield return new Problem("--coarse", "--labels coarse and --coarse belong together: one asks for groups, the other names them.", "For example --labels coarse --coarse benign=nevus+keratosis,malignant=melanoma.");
        }

        if (context.IsGiven(_noiseEpsilon) != context.IsGiven(_noiseClip) || (context.IsGiven(_noiseDelta) && !context.IsGiven(_noiseEpsilon)))
        {
            yield return new Problem("--noise-clip", "--noise-epsilon and --noise-clip belong together, and --noise-delta to them: without a bound on the norm no noise is enough.", "For example --noise-epsilon 100 --noise-delta 1e-5 --noise-clip 50.");
        }

        if (context.Value(_accept) is { } reason && string.IsNullOrWhiteSpace(reason))
        {
            yield return new Problem(_accept.Name, $"{_accept.Name} has an empty reason.", "Say under which agreement the encodings are shared.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        using Passphrase? passphrase = _passphrase.Read(context, context.Value(_key)!);
        EncodeResult result = new EncodePipeline(context.Host.Clock, context.Reporter.Warn, (done, all) => context.Reporter.Progress(() => $"encoded {done} of {all} images")).Run(
            new EncodeRequest
            {
                Source = context.Value(_source)!,
                Options = RunConfig.DatasetOptions(context.Settings.Config),
                KeyFile = context.Value(_key)!,
                PublicFolder = context.Out!,
                SecretFolder = context.Value(_secret)!,
                Format = Enum.Parse<EncodingFormat>(context.Value(_format) ?? "safetensors", ignoreCase: true),
                Type = Enum.Parse<EncodingType>(context.Value(_dtype) ?? "f32", ignoreCase: true),
                Precision = Enum.Parse<ProductPrecision>(context.Value(_precision) ?? "float32", ignoreCase: true),
                Batch = context.Value(_batch) ?? 32,
                Shuffle = Enum.Parse<ShuffleMode>(context.Value(_shuffle) ?? "fresh", ignoreCase: true),
                Labels = Enum.Parse<LabelMode>(context.Value(_labels) ?? "publish", ignoreCase: true),
                CoarseLabels = (context.Value(_coarse) ?? []).GroupBy(item => item.Split('=')[0]).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.SelectMany(item => item[(item.IndexOf('=', StringComparison.Ordinal) + 1)..].Split('+'))]),
                PadCount = context.Value(_pad) ?? 0,
                Audit = Enum.Parse<AuditLevel>(context.Value(_audit) ?? "quick", ignoreCase: true),
                Noise = context.Value(_noiseEpsilon) is { } epsilon ? new NoiseRequest(epsilon, context.Value(_noiseDelta) ?? 1e-5, context.Value(_noiseClip)!.Value) : null,
                Gallery = context.Value(_gallery),
                AcceptedReason = context.Value(_accept),
                SigningKey = context.Value(_sign),
                Threads = context.Threads,
            },
            passphrase,
            context.Cancellation);
        return new CommandOutcome(result, writer => Write(writer, result), result.Refusal);
    }

    private static void Write(TextWriter writer, EncodeResult result)
    {
        if (result.Audit is { } audit)
        {
            writer.WriteLine($"audit: {ReadableNumber.Percent(audit.Worst!.AssignmentAccuracy)} of {audit.Gallery.Images} encodings assigned to their pictures by '{audit.Worst.Method}' (chance {ReadableNumber.Percent(audit.Chance)}); controls: pixels {ReadableNumber.Percent(audit.Controls.Identity)}, noise {ReadableNumber.Percent(audit.Controls.RandomBits)}; rating {audit.Rating?.ToString().ToLowerInvariant()}");
        }

        if (result.Noise is { } noise)
        {
            writer.WriteLine(
                $"noise: local epsilon {ReadableNumber.Of(noise.Epsilon)} at delta {ReadableNumber.Of(noise.Delta)}, unit {noise.Unit}; sampling {noise.Sampling}; accountant: {noise.Accountant}; L2 norm at most {ReadableNumber.Of(noise.Clip)}, "
                + $"standard deviation {ReadableNumber.Of(noise.StandardDeviation)}. Labels, counts and the figures of the audit are not covered");
        }

        if (result.Refusal is null)
        {
            writer.WriteLine($"{result.PublicDir}: {result.Images} encodings{(result.Padding > 0 ? $" and {result.Padding} of mixtures," : "")} of {result.Shape[0]} x {result.Shape[1]}, {ReadableNumber.Bytes(result.Bytes)}, mode {System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(result.Mode.ToString())}, key {result.KeyId}");
            writer.WriteLine($"{result.SecretDir}: the sealed map of ids to files; keep it, never publish it");
        }

        foreach (SkippedImage skipped in result.Skipped)
        {
            writer.WriteLine($"left out: {skipped.File}: {skipped.Reason}");
        }

        foreach (string sentence in HonestWording.Sentences)
        {
            writer.WriteLine(sentence);
        }
    }
}
