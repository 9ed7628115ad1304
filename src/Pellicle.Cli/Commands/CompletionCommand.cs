using System.CommandLine;
using Pellicle.Cli.Completion;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;

namespace Pellicle.Cli.Commands;

/// <summary><c>completion</c>: a script that completes commands and options in a shell, made from the command tree.</summary>
internal sealed class CompletionCommand : CliCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "pwsh"];
    private readonly Argument<string?> _shell = CliOption.Operand("SHELL", "bash, zsh or pwsh");

    public override string Name => "completion";

    public override string Summary => "print a script that completes commands and options";

    public override string Operands => "SHELL";

    public override IReadOnlyList<Argument> Arguments => [_shell];

    public override IReadOnlyList<string> Details =>
    [
        "bash and zsh: source <(pellicle completion bash). PowerShell: pellicle completion pwsh | Out-String | Invoke-Expression.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle completion bash", "pellicle completion pwsh"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Value(_shell) is { } shell && !Shells.Contains(shell))
        {
            yield return new Problem("SHELL", $"the shell is '{shell}'; expected bash, zsh or pwsh.", "For example 'pellicle completion bash'.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string shell = context.Value(_shell)!;
        string script = CompletionScript.For(shell, CommandTree.All);
        return new CommandOutcome(new CompletionResult(shell, script), writer => writer.Write(script));
    }
}

/// <summary>Result of <c>completion</c>.</summary>
/// <param name="Shell">bash, zsh or pwsh.</param>
/// <param name="Script">The script.</param>
internal sealed record CompletionResult(string Shell, string Script);
