using System.CommandLine;
using System.Text;

namespace Pellicle.Cli.Help;

/// <summary>Writes the help: one page for the whole, one for each command. Every option of the grammar appears, nothing else does.</summary>
internal static class HelpText
{
    private const int SummaryColumn = 30;

    /// <summary>The one-page help of <c>pellicle</c> without arguments.</summary>
    /// <param name="commands">All commands.</param>
    public static string Overview(IReadOnlyList<CliCommand> commands)
    {
        var text = new StringBuilder();
        text.Append($"Pellicle privacy toolkit {AppVersion.Text}: medical images without handing them over. Research use, not a medical device.\n\n");
        text.Append("usage: pellicle COMMAND [options]\n\ncommands:\n");
        foreach (CliCommand command in commands)
        {
            AppendRow(text, $"{command.Name} {command.Operands}".TrimEnd(), command.Summary);
        }

        text.Append("\noptions of all commands:\n");
        AppendOptions(text, GlobalOptions.All, null);
        text.Append("\nTraining is private by default: 'train' wants --target-epsilon, --noise-multiplier or --non-private.\n");
        text.Append("Exit codes: 0 done, 2 usage, 3 input or environment, 4 refused for privacy; all: pellicle --help exit-codes\n\n");
        text.Append("examples:\n");
        text.Append("  pellicle demo\n");
        text.Append("  pellicle data inspect ham10000.zip\n");
        text.Append("  pellicle plan --n 5918 --batch 256 --epochs 20 --target-epsilon 3 --delta 1e-5\n");
        text.Append("  pellicle train --data ham10000.zip --model vit_tiny --target-epsilon 3 --epochs 20\n");
        text.Append("  pellicle eval runs/last --by sex --bootstrap 1000\n");
        text.Append("  pellicle audit runs/last && pellicle report runs/last --out ham.html\n");
        text.Append("  pellicle mpc predict runs/last lesion.jpg --local --compare-plain\n");
        return text.ToString();
    }

    /// <summary>The help of one command.</summary>
    /// <param name="command">The command.</param>
    public static string For(CliCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var text = new StringBuilder();
        text.Append($"pellicle {command.Name}: {command.Summary}\n\n");
        text.Append($"usage: {$"pellicle {command.Name} {command.Operands}".TrimEnd()} [options]\n");
        if (command.Details.Count > 0)
        {
            text.Append('\n').AppendJoin('\n', command.Details).Append('\n');
        }

        if (command.Arguments.Count > 0)
        {
            text.Append('\n');
            foreach (Argument argument in command.Arguments)
            {
                AppendRow(text, argument.Name, argument.Description ?? "");
            }
        }

        if (command.Options.Count > 0)
        {
            text.Append("\noptions:\n");
            AppendOptions(text, command.Options, command.Headings);
        }

        text.Append("\noptions of all commands:\n");
        AppendOptions(text, GlobalOptions.All, null);
        text.Append("\nexamples:\n");
        foreach (string example in command.Examples)
        {
            text.Append("  ").Append(example).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The table of exit codes.</summary>
    public static string ExitCodes() =>
        """
        exit codes of pellicle:
            0  done
            1  unexpected failure (a bug)
            2  wrong usage or configuration
            3  input data, model file or environment unusable
            4  refused for privacy: budget would be exceeded before the first step, incompatible layer, ledger missing
            5  finished, but a gate that you asked for failed (--require-auc, --fail-above)
            6  another party unreachable, out of step, or sent something invalid
          130  interrupted; checkpoint and ledger written (a second Ctrl-C stops at once)

        With --json the same code stands in error.code, and error.kind names it.

        """;

    private static void AppendOptions(StringBuilder text, IReadOnlyList<Option> options, IReadOnlyDictionary<string, string>? headings)
    {
        foreach (Option option in options)
        {
            if (headings is not null && headings.TryGetValue(option.Name, out string? heading))
            {
                text.Append(' ').Append(heading).Append(":\n");
            }

            string names = string.Join(", ", option.Aliases.Where(a => a != option.Name).Prepend(option.Name).OrderBy(n => n.Length));
            AppendRow(text, $"{names} {option.HelpName}".TrimEnd(), option.Description ?? "");
        }
    }

    private static void AppendRow(StringBuilder text, string left, string right)
    {
        string padded = ("  " + left).PadRight(SummaryColumn);
        text.Append(padded.Length > SummaryColumn ? padded + "  " : padded).Append(right).Append('\n');
    }
}
