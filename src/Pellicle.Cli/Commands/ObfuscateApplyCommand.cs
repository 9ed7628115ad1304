using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Reporting;
using Pellicle.Viewmaker;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Release;

namespace Pellicle.Cli.Commands;

/// <summary><c>obfuscate apply</c>: obfuscates a folder of files.</summary>
internal sealed class ObfuscateApplyCommand : CliCommand
{
    private readonly Argument<string?> _run = CliOption.Operand("RUN", "run folder of 'obfuscate train', such as runs/last");
    private readonly Argument<string?> _source = CliOption.Operand("SRC", "folder of PNG, JPEG and DICOM files, or one such file");
    private readonly Option<string?> _key = CliOption.Text("--key", "FILE", "key of noise and pseudonyms [the run's]");
    private readonly Option<bool> _verify = CliOption.Flag("--verify", "read every output back, check headers against the profile, and attack the release by fresh networks if labels are at hand");
    private readonly Option<string?> _labels = CliOption.Text("--labels", "FILE", "CSV with the file names of SRC and the hidden attributes, for --verify [labels.csv in SRC]");
    private readonly Option<int?> _seeds = CliOption.Whole("--seeds", "N", "attackers of each kind, for --verify [3]", 1, 100);
    private readonly Option<int?> _epochs = CliOption.Whole("--attack-epochs", "N", "most epochs of an attacker, for --verify [20]", 1, 1000);
    private readonly Option<bool> _dryRun = CliOption.Flag("--dry-run", "say what would happen, write nothing");
    private readonly Option<string?> _profile = CliOption.Choice("--dicom-profile", "NAME", "profile of DICOM headers [basic]", "basic");
    private readonly Option<string[]?> _retain = CliOption.List("--retain", "LIST", "options of the profile: uid, dates, device, patient-characteristics", "a comma-separated list of options", _ => true);
    private readonly Option<bool> _noBurnedIn = CliOption.Flag("--require-no-burned-in", "refuse DICOM files that do not say that no text is burned into their pixels");
    private readonly Option<int?> _jpeg = CliOption.Whole("--jpeg-quality", "Q", "write JPEG, which is lossy: evaluate it as such [PNG]", 1, 100);

    public override string Name => "obfuscate apply";

    public override string Summary => "obfuscate a folder of images";

    public override string Operands => "RUN SRC";

    public override IReadOnlyList<Argument> Arguments => [_run, _source];

    public override IReadOnlyList<Option> Options => [_key, _verify, _labels, _seeds, _epochs, _dryRun, _profile, _retain, _noBurnedIn, _jpeg];

    public override IReadOnlyList<string> Details =>
    [
        "Writes to --out DIR with the tree of the source: PNG of the same bit depth, or uncompressed DICOM with the same window and",
        "photometric interpretation. Nothing is overwritten. Files that fail are listed, the rest is finished, and the exit code is 3.",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples => ["pellicle obfuscate apply runs/last incoming/ --out released/ --verify", "pellicle obfuscate apply runs/last scans/ --out released/ --retain device --require-no-burned-in --json"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Out is null)
        {
            yield return new Problem("--out", "--out is not given; it names the folder of the results.", "Give --out DIR.");
        }

        foreach (Option option in new Option[] { _labels, _seeds, _epochs }.Where(option => context.IsGiven(option) && !context.Value(_verify)))
        {
            yield return new Problem(option.Name, $"{option.Name} belongs to --verify, which is not given.", $"Give --verify, or leave {option.Name} out.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        var attack = new AttackOptions { Attackers = AttackOptions.FreshNetworks, Seed = context.Settings.Config.Seed };
        ObfuscateApplyResult result = new ObfuscateApplyPipeline((done, all) => context.Reporter.Progress(() => $"{done} of {all} files"), context.Reporter.Note).Run(
            new ObfuscateApplyRequest
            {
                RunFolder = context.Value(_run)!,
                Source = context.Value(_source)!,
                OutFolder = context.Out!,
                KeyFile = context.Value(_key),
                Verify = context.Value(_verify),
                Labels = context.Value(_labels),
                Attack = attack with { Seeds = context.Value(_seeds) ?? attack.Seeds, Epochs = context.Value(_epochs) ?? attack.Epochs },
                DryRun = context.Value(_dryRun),
                Retain = context.Value(_retain) ?? [],
                RequireNoBurnedIn = context.Value(_noBurnedIn),
                JpegQuality = context.Value(_jpeg),
                Threads = context.Threads,
            },
            context.Cancellation);
        if (result.Verified is not null)
        {
            result = result with { RunReport = ReportPipeline.Run(new ReportRequest { RunFolders = [context.Value(_run)!] }).File };
        }

        return new CommandOutcome(result, writer => Write(writer, result), result.Failure);
    }

    private static void Write(TextWriter writer, ObfuscateApplyResult result)
    {
        writer.WriteLine($"{result.OutDir}: {result.Files} files {(result.DryRun ? "would be written" : "written")}, {result.Failed.Count} failed; mean change {ReadableNumber.Fixed(result.MeanAbsDelta, 4)}, largest {ReadableNumber.Fixed(result.MaxAbsDelta, 3)} of the pixel range");
        if (result.Dicom.Files > 0)
        {
            writer.WriteLine($"DICOM: {result.Dicom.Files} files, {result.Dicom.TagsRemoved} elements removed, {result.Dicom.TagsReplaced} replaced, {result.Dicom.UidsRemapped} UIDs remapped; {result.Dicom.BurnedInFlagged} may have text in their pixels");
        }

        if (result.Verified is { } verified)
        {
            writer.WriteLine($"read back: {verified.Reread} of {result.Files}");
            writer.WriteLine(verified.AttackerLeakage is { } leakage
                ? $"attacked by fresh networks: worst leakage {ReadableNumber.Fixed(leakage, 3)} [{ReadableNumber.Fixed(verified.AttackerLeakageInterval?.Low, 3)}, {ReadableNumber.Fixed(verified.AttackerLeakageInterval?.High, 3)}]; images that taught the generator may be among them, so 'obfuscate evaluate' gives the figure that counts"
                : $"not attacked: {verified.NotAttacked}");
            foreach (AttributeAttackResult attribute in verified.Attributes)
            {
                ObfuscateEvaluateCommand.Write(writer, attribute);
            }

            writer.WriteLine($"report: {result.RunReport}");
        }

        foreach (FailedFile failed in result.Failed)
        {
            writer.WriteLine($"failed: {failed.File}: {failed.Reason}");
        }

        foreach (string sentence in HonestWording.Sentences)
        {
            writer.WriteLine(sentence);
        }
    }
}
