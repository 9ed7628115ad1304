using System.CommandLine;

namespace Pellicle.Cli.Parsing;

/// <summary>The grammar of the whole command line, and which of our commands a parsed line names.</summary>
internal sealed class CommandLineGrammar
{
    private readonly RootCommand _root = new("Pellicle privacy toolkit");
    private readonly Dictionary<Command, CliCommand> _commands = [];

    /// <summary>Builds the grammar.</summary>
    /// <param name="commands">All commands.</param>
    public CommandLineGrammar(IReadOnlyList<CliCommand> commands)
    {
        // The library's own help, version and directives print on stdout and choose exit codes: ours are used instead.
        _root.Options.Clear();
        _root.Directives.Clear();
        foreach (Option option in GlobalOptions.All)
        {
            option.Recursive = true;
            _root.Add(option);
        }

        foreach (CliCommand command in commands)
        {
            string[] words = command.Name.Split(' ');
            Command parent = words.Length == 1 ? _root : Group(words[0]);
            var leaf = new Command(words[^1], command.Summary);
            foreach (Argument argument in command.Arguments)
            {
                leaf.Add(argument);
            }

            foreach (Option option in command.Options)
            {
                leaf.Add(option);
            }

            // Never called: without an action, the library would demand a further word after "bench", which has a command below it.
            leaf.SetAction(static _ => 0);
            parent.Add(leaf);
            _commands[leaf] = command;
        }
    }

    /// <summary>Parses a command line; never throws and never prints.</summary>
    /// <param name="args">Arguments.</param>
    public ParseResult Parse(IReadOnlyList<string> args) =>
        _root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });

    /// <summary>The command that a parsed line names, or null.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="args">The same as typed: the library skips unknown words and would find "predict" in "mpc predict".</param>
    public CliCommand? CommandOf(ParseResult parsed, IReadOnlyList<string> args)
    {
        CliCommand? command = _commands.GetValueOrDefault(parsed.CommandResult.Command);
        if (command is null)
        {
            return null;
        }

        int place = args.ToList().IndexOf(command.Name.Split(' ')[0]);
        bool isAfterStrayWord = parsed.UnmatchedTokens.Any(token => !token.StartsWith('-') && args.Take(place).Contains(token));
        return isAfterStrayWord ? null : command;
    }

    private Command Group(string name)
    {
        Command? group = _root.Subcommands.FirstOrDefault(c => c.Name == name);
        if (group is null)
        {
            group = new Command(name);
            _root.Add(group);
        }

        return group;
    }
}
