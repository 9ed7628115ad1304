using System.CommandLine;
using System.Globalization;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;

namespace Pellicle.Cli.Encode;

/// <summary>What <c>challenge submit</c> and <c>challenge score</c> have in common.</summary>
internal sealed class ChallengeOptions
{
    public Argument<string?> Public { get; } = CliOption.Operand("DIR", "public folder of 'challenge make'");

    public Argument<string?> Submission { get; } = CliOption.Operand("FILE", "CSV (picture,encoding) for task 1, NPY [targets, hidden] for task 2");

    public Option<string?> Task { get; } = CliOption.Choice("--task", "N", "1: which encoding is whose; 2: predicted means (required)", "1", "2");

    /// <summary>The task of this call.</summary>
    public int Number(CommandContext context) => int.Parse(context.Value(Task)!, CultureInfo.InvariantCulture);

    public IEnumerable<Problem> Check(CommandContext context) =>
        context.Value(Task) is null ? [new Problem(Task.Name, "--task is not given.", "Give --task 1 or --task 2.")] : [];
}
