using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Challenges;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Commands;

/// <summary><c>challenge make</c>: a re-identification challenge from a data set.</summary>
internal sealed class ChallengeMakeCommand : CliCommand
{
    private readonly ArchitectureOptions _architecture = new();
    private readonly Argument<string?> _source = CliOption.Operand("SRC", "any source; its pictures become public");
    private readonly Option<string?> _secret = CliOption.Text("--secret", "DIR", "folder for the answers; never publish it (required)");
    private readonly Option<int?> _images = CliOption.Whole("--images", "N", "pictures of task 1 and targets of task 2; three times as many are needed [100]", 2, 100_000);

    public override string Name => "challenge make";

    public override string Summary => "make a re-identification challenge from a data set";

    public override string Operands => "SRC";

    public override IReadOnlyList<Argument> Arguments => [_source];

    public override IReadOnlyList<Option> Options =>
        [_secret, _images, .. _architecture.All, .. SettingOptions.Named("data.image", "data.label", "data.patient", "data.split", "data.limit", "data.imageRoot", "data.window")];

    public override IReadOnlyList<string> Details =>
    [
        "Task 1: pictures and their encodings in unknown order; which is whose? Task 2: encodings of pictures that are not given;",
        "predict the mean encoded row of other pictures. Pictures are PUBLISHED: use public or synthetic ones only.",
        "Each task has a key of its own that is forgotten at the end; the answers go to --secret DIR.",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples => ["pellicle challenge make synth:xray --out challenge/ --secret answers/ --images 50 --image-size 64 --patch-size 8 --hidden 256"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        foreach (Option<string?> option in new[] { GlobalOptions.Out, _secret }.Where(option => context.Value(option) is null))
        {
            yield return new Problem(option.Name, $"{option.Name} is not given.", $"Give {option.Name} {option.HelpName}.");
        }

        foreach (Problem problem in _architecture.Check(context))
        {
            yield return problem;
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        ChallengeMakeResult result = new ChallengeMakePipeline(text => context.Reporter.Progress(() => text)).Run(
            new ChallengeRequest
            {
                Source = context.Value(_source)!,
                Options = RunConfig.DatasetOptions(context.Settings.Config),
                Architecture = _architecture.Read(context),
                PublicFolder = context.Out!,
                SecretFolder = context.Value(_secret)!,
                Images = context.Value(_images) ?? 100,
                Threads = context.Threads,
            },
            context.Cancellation);
        return new CommandOutcome(result, writer =>
        {
            writer.WriteLine($"{result.PublicDir}: task 1 with {result.Pictures} pictures, task 2 with {result.Targets} targets and {result.Samples} encodings; the rules are in challenge.json");
            writer.WriteLine($"{result.SecretDir}: the answers; keep them");
        });
    }
}
