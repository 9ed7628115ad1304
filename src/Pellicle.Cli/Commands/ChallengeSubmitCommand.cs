using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt.Challenges;

namespace Pellicle.Cli.Commands;

/// <summary><c>challenge submit</c>: is a submission in the form that the rules ask for?</summary>
internal sealed class ChallengeSubmitCommand : CliCommand
{
    private readonly ChallengeOptions _challenge = new();

    public override string Name => "challenge submit";

    public override string Summary => "check the form of a submission, without the answers";

    public override string Operands => "DIR FILE";

    public override IReadOnlyList<Argument> Arguments => [_challenge.Public, _challenge.Submission];

    public override IReadOnlyList<Option> Options => [_challenge.Task];

    public override IReadOnlyList<string> Details => ["Says what is wrong with a submission and where; nothing is sent anywhere. Hand the file to whoever made the challenge."];

    public override IReadOnlyList<string> Examples => ["pellicle challenge submit challenge/ mine.csv --task 1"];

    public override IEnumerable<Problem> Check(CommandContext context) => _challenge.Check(context);

    public override CommandOutcome Run(CommandContext context)
    {
        string file = context.Value(_challenge.Submission)!;
        ChallengeSubmission submission = ChallengeSubmission.Read(context.Value(_challenge.Public)!, _challenge.Number(context), file);
        var result = new ChallengeSubmitResult(submission.Task, file, submission.Task == 1 ? submission.EncodingOf.Count : submission.Means.Count);
        return new CommandOutcome(result, writer => writer.WriteLine($"{file}: a submission of task {result.Task} with {result.Answers} answers, in form"));
    }
}
