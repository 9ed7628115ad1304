using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Commands;

/// <summary><c>encode verify</c>: does a release hold what key and pictures give?</summary>
internal sealed class EncodeVerifyCommand : CliCommand
{
    private readonly KeyOptions _passphrase = new();
    private readonly Argument<string?> _public = CliOption.Operand("PUBLIC", "public folder of 'encode run'");
    private readonly Option<string?> _key = CliOption.Text("--key", "FILE", "the key of the release (required)");
    private readonly Option<string?> _source = CliOption.Text("--source", "SRC", "the pictures of the release (required)");

    public override string Name => "encode verify";

    public override string Summary => "check a release against key and pictures";

    public override string Operands => "PUBLIC";

    public override IReadOnlyList<Argument> Arguments => [_public];

    public override IReadOnlyList<Option> Options =>
        [_key, _source, .. _passphrase.All, .. SettingOptions.Named("data.image", "data.label", "data.patient", "data.split", "data.validationShare", "data.limit", "data.imageRoot", "data.window")];

    public override IReadOnlyList<string> Details =>
    [
        "Checks signature and hashes of encodings and labels, encodes the pictures again and looks for each published encoding among them, in any order of patches.",
        "Each picture answers for one encoding. Exit code 5 if one does not match. It needs no map: whoever has key and pictures can tell which encoding is whose.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle encode verify public/ --key hospital-a.key --source xrays/ --json"];

    public override IEnumerable<Problem> Check(CommandContext context) =>
        new[] { _key, _source }.Where(option => context.Value(option) is null).Select(option => new Problem(option.Name, $"{option.Name} is not given.", $"Give {option.Name} {option.HelpName}."));

    public override CommandOutcome Run(CommandContext context)
    {
        using Passphrase? passphrase = _passphrase.Read(context, context.Value(_key)!);
        VerifyResult result = VerifyPipeline.Run(
            context.Value(_public)!, context.Value(_key)!, passphrase, context.Value(_source)!, RunConfig.DatasetOptions(context.Settings.Config), context.Threads, context.Cancellation);
        bool isSound = result.Mismatches == 0 && result.ChangedFiles.Count == 0 && result.ManifestSignatureValid != false;
        return new CommandOutcome(
            result,
            writer => writer.WriteLine($"{result.PublicDir}: {result.Checked - result.Mismatches} of {result.Checked} encodings match, largest difference {ReadableNumber.Of(result.LargestDifference)}; {(result.Padding > 0 ? $"{result.Padding} may be padding, " : "")}{(result.ChangedFiles.Count > 0 ? $"changed: {string.Join(", ", result.ChangedFiles)}, " : "")}{(result.Unpublished > 0 ? $"{result.Unpublished} pictures are not in the release, " : "")}signature {(result.ManifestSignatureValid is { } valid ? valid ? "valid" : "NOT valid" : "none")}"),
            isSound ? null : new GateFailedException(result.Mismatches > 0 ? $"{result.Mismatches} of {result.Checked} encodings do not match." : result.ChangedFiles.Count > 0 ? $"{string.Join(", ", result.ChangedFiles)} is not as the manifest says (SHA-256 differs)." : "the signature of the manifest is not valid.", "Encode again, or find out who changed the folder."));
    }
}
