using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt.Challenges;

namespace Pellicle.Cli.Commands;

/// <summary><c>challenge score</c>: how good is a submission?</summary>
internal sealed class ChallengeScoreCommand : CliCommand
{
    private readonly ChallengeOptions _challenge = new();
    private readonly Option<string?> _secret = CliOption.Text("--secret", "DIR", "folder with the answers (required)");

    public override string Name => "challenge score";

    public override string Summary => "score a submission against the answers";

    public override string Operands => "DIR FILE";

    public override IReadOnlyList<Argument> Arguments => [_challenge.Public, _challenge.Submission];

    public override IReadOnlyList<Option> Options => [_challenge.Task, _secret];

    public override IReadOnlyList<string> Details => ["Prints the share of right answers with its interval and the authors' rating: low below 5 %, moderate to 20 %, high above."];

    public override IReadOnlyList<string> Examples => ["pellicle challenge score challenge/ mine.csv --task 1 --secret answers/ --json"];

    public override IEnumerable<Problem> Check(CommandContext context) =>
        _challenge.Check(context).Concat(context.Value(_secret) is null ? [new Problem(_secret.Name, "--secret is not given; it names the folder with the answers.", "Give --secret DIR.")] : []);

    public override CommandOutcome Run(CommandContext context)
    {
        ChallengeScore score = ChallengeScore.Of(context.Value(_challenge.Public)!, context.Value(_secret)!, _challenge.Number(context), context.Value(_challenge.Submission)!);
        return new CommandOutcome(score, writer => writer.WriteLine(
            $"task {score.Task}: {score.Correct} of {score.N} right, {ReadableNumber.Percent(score.Accuracy)} (95 % interval {ReadableNumber.Percent(score.AccuracyInterval.Low)} to {ReadableNumber.Percent(score.AccuracyInterval.High)}; chance {ReadableNumber.Percent(score.Chance)}); rating {score.Rating.ToString().ToLowerInvariant()}"));
    }
}
