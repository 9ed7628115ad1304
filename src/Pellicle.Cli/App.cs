using System.CommandLine;
using Pellicle.Cli.Help;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Training.Recipes;

namespace Pellicle.Cli;

/// <summary>Runs one command line from arguments to exit code. Knows nothing of single commands.</summary>
/// <param name="commands">The command tree.</param>
internal sealed class App(IReadOnlyList<CliCommand> commands)
{
    /// <summary>Runs once.</summary>
    /// <param name="args">Arguments.</param>
    /// <param name="host">Streams, environment, clock.</param>
    /// <returns>The exit code.</returns>
    public int Run(IReadOnlyList<string> args, AppHost host)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(host);
        var grammar = new CommandLineGrammar(commands);
        ParseResult parsed = grammar.Parse(args);
        CliCommand? command = grammar.CommandOf(parsed, args);

        // Looked up in the words themselves: a line that cannot be parsed must still fail as JSON when JSON was asked for.
        bool isVerbose = Has(args, "-v");
        var reporter = new Reporter(host, isQuiet: Has(args, "--quiet"), isPlain: Has(args, "--no-color"));
        var answer = new Answer(host, reporter, isJson: Has(args, "--json"), command?.Name ?? string.Join(' ', args.TakeWhile(a => !a.StartsWith('-')).Take(2)));
        try
        {
            if (args.Count == 0 || Topic(args, command) is not null)
            {
                string text = args.Count == 0 ? HelpText.Overview(commands) : Topic(args, command)!;
                return answer.Succeed(new CommandOutcome(new HelpResult(text.TrimEnd()), writer => writer.Write(text)));
            }

            CommandContext context = Prepare(args, parsed, command, reporter, host);
            CommandOutcome outcome = command!.Run(context);
            reporter.EndProgress();
            return outcome.Failure is null ? answer.Succeed(outcome) : answer.Fail(outcome.Failure, outcome, isVerbose);
        }
#pragma warning disable CA1031 // The last resort: every failure must become an exit code and, with --json, a document.
        catch (Exception e)
#pragma warning restore CA1031
        {
            reporter.EndProgress();
            return answer.Fail(e, null, isVerbose);
        }
    }

    private CommandContext Prepare(IReadOnlyList<string> args, ParseResult parsed, CliCommand? command, Reporter reporter, AppHost host)
    {
        var problems = new List<Problem>(ParseProblems.Find(args, parsed, command, commands));
        if (command is null)
        {
            TrainConfigLoader.ThrowIfAny(problems);
        }

        bool hasUnknown = ParseProblems.UnknownOptions(parsed).Any();
        var context = new CommandContext(parsed, null!, new ConfigSources(), reporter, host, hasUnknown);
        var sources = new ConfigSources
        {
            File = command!.ConfigFile(context) is { } file && !file.StartsWith("--", StringComparison.Ordinal) ? file : null,
            Recipe = command.Recipe(context),
            Recipes = new RecipeShelf(RecipeFolders.Find()),
            Environment = host.Variables,
            Options = SettingOptions.Read(parsed),
        };
        context = context with { Settings = TrainConfigLoader.Read(sources, problems), Sources = sources };
        problems.AddRange(command.Check(context));
        TrainConfigLoader.ThrowIfAny(problems);
        return context;
    }

    private string? Topic(IReadOnlyList<string> args, CliCommand? command)
    {
        if (args.Contains("--version") && command is null)
        {
            return $"pellicle {AppVersion.Text}\n";
        }

        bool isHelp = Has(args, "--help") || Has(args, "-h") || args[0] == "help";
        if (!isHelp)
        {
            return null;
        }

        string[] words = [.. args.SkipWhile(a => a is "help").Where(a => !a.StartsWith('-'))];
        if (words.Contains("exit-codes"))
        {
            return HelpText.ExitCodes();
        }

        command ??= commands.FirstOrDefault(c => c.Name == string.Join(' ', words));
        if (command is not null)
        {
            return HelpText.For(command);
        }

        CliCommand[] group = [.. commands.Where(c => words.Length == 1 && c.Name.StartsWith(words[0] + " ", StringComparison.Ordinal))];
        return group.Length > 0 ? string.Join('\n', group.Select(HelpText.For))
            : words.Length == 0 ? HelpText.Overview(commands)
            : null;
    }

    private static bool Has(IReadOnlyList<string> args, string flag) => args.TakeWhile(a => a != "--").Contains(flag);
}

/// <summary>What <c>--help --json</c> and <c>--version --json</c> give.</summary>
/// <param name="Text">The text.</param>
internal sealed record HelpResult(string Text);
