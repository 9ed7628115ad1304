using System.CommandLine;
using System.CommandLine.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli.Parsing;

/// <summary>Turns what the argument library found wrong into problems in our form, with the nearest known name.</summary>
internal static class ParseProblems
{
    /// <summary>Finds all problems of a command line.</summary>
    /// <param name="args">The command line as typed.</param>
    /// <param name="parsed">The command line, parsed.</param>
    /// <param name="command">The command that was recognised, or null if only a group or nothing was.</param>
    /// <param name="known">All commands.</param>
    /// <returns>Problems, unknown commands alone.</returns>
    public static IReadOnlyList<Problem> Find(IReadOnlyList<string> args, ParseResult parsed, CliCommand? command, IReadOnlyList<CliCommand> known)
    {
        if (command is null)
        {
            return [UnknownCommand(args, known)];
        }

        string help = $"'pellicle {command.Name} --help' lists the options.";
        var problems = new List<Problem>();
        Option[] options = [.. command.Options, .. GlobalOptions.All];
        foreach (string token in UnknownOptions(parsed))
        {
            string? near = NearestName.Find(token.Split('=')[0], options.Select(o => o.Name));
            problems.Add(new Problem(token, $"'{token}' is not an option of 'pellicle {command.Name}'.", near is null ? help : $"Did you mean {near}?"));
        }

        problems.AddRange(SwallowedOptions(parsed, options));
        if (problems.Count == 0 && parsed.UnmatchedTokens.Count > 0)
        {
            string words = string.Join(' ', parsed.UnmatchedTokens);
            problems.Add(new Problem(words, $"'{words}' was not expected after 'pellicle {command.Name}'.", help));
        }

        foreach (ParseError error in parsed.Errors.Where(error => !IsAboutUnmatched(error, parsed)))
        {
            string where = error.SymbolResult switch
            {
                OptionResult option => option.Option.Name,
                ArgumentResult { Parent: OptionResult option } => option.Option.Name,
                ArgumentResult argument => argument.Argument.Name,
                _ => "command line",
            };
            problems.Add(new Problem(where, Message(error, where), help));
        }

        return problems;
    }

    /// <summary>Words that look like options but are not known. The library takes such a word for an operand where one is expected.</summary>
    /// <param name="parsed">The command line.</param>
    public static IEnumerable<string> UnknownOptions(ParseResult parsed) =>
        parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(operand => operand.Tokens).Select(token => token.Value).Concat(parsed.UnmatchedTokens).Where(token => token.StartsWith('-') && token.Length > 1 && !char.IsAsciiDigit(token[1]) && token[1] != '.');

    // "--data --model x": the library takes --model for a value of --data when it is no known option, and our readers of text would accept it.
    private static IEnumerable<Problem> SwallowedOptions(ParseResult parsed, Option[] options)
    {
        foreach (Option option in options)
        {
            if (parsed.GetResult(option) is { Implicit: false } given)
            {
                foreach (string value in given.Tokens.Select(t => t.Value).Where(v => v.StartsWith("--", StringComparison.Ordinal) && v.Length > 2))
                {
                    string? near = NearestName.Find(value.Split('=')[0], options.Select(o => o.Name));
                    yield return new Problem(option.Name, $"{option.Name} has no value: '{value}' follows it.", near is null || near == value ? $"Give {option.Name} {option.HelpName}." : $"Give {option.Name} {option.HelpName}; for '{value}', did you mean {near}?");
                }
            }
        }
    }

    private static bool IsAboutUnmatched(ParseError error, ParseResult parsed) =>
        parsed.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal)) && error.SymbolResult is CommandResult;

    private static string Message(ParseError error, string where) => error.SymbolResult switch
    {
        OptionResult { Option: { } option } result when result.Tokens.Count == 0 && option.Arity.MinimumNumberOfValues > 0 => $"{where} has no value; expected {option.HelpName}.",
        OptionResult { Tokens.Count: > 1 } => $"{where} is given more than once; expected it once.",
        ArgumentResult { Tokens.Count: 0, Parent: OptionResult { Option: { } option } } => $"{where} has no value; expected {option.HelpName}.",
        ArgumentResult { Tokens.Count: 0 } => $"{where} is missing.",
        CommandResult when error.Message.Contains("argument missing", StringComparison.OrdinalIgnoreCase) => $"an operand is missing: {error.Message}",
        _ => error.Message,
    };

    private static Problem UnknownCommand(IReadOnlyList<string> args, IReadOnlyList<CliCommand> known)
    {
        string[] words = [.. args.Where(arg => !arg.StartsWith('-'))];
        if (words.Length == 0)
        {
            string token = args.Count == 0 ? "" : args.FirstOrDefault(arg => GlobalOptions.All.All(o => o.Name != arg), args[0]);
            string? option = NearestName.Find(token, GlobalOptions.All.Select(o => o.Name));
            return option == token
                ? new Problem(token, "no command was given.", "'pellicle --help' lists all commands.")
                : new Problem(token, $"'{token}' is not an option of 'pellicle'.", option is null ? "'pellicle --help' lists all commands." : $"Did you mean {option}?");
        }

        if (LaterVerbs.Find(words) is { } later)
        {
            return new Problem(later, $"this version does not have 'pellicle {later}' yet.", "'pellicle --help' lists what it has.");
        }

        string[] members = [.. known.Select(c => c.Name).Where(name => name.StartsWith(words[0] + " ", StringComparison.Ordinal))];
        if (members.Length > 0 && words.Length == 1)
        {
            return new Problem(words[0], $"'pellicle {words[0]}' needs one more word: {string.Join(" or ", members.Select(m => m[(words[0].Length + 1)..]))}.", $"'pellicle {members[0]} --help' shows how.");
        }

        string typed = string.Join(' ', words.Take(members.Length > 0 ? 2 : 1));
        string? near = NearestName.Find(typed, known.Select(c => c.Name)) ?? NearestName.Find(typed, known.Select(c => c.Name.Split(' ')[0]).Distinct());
        return new Problem(typed, $"'{typed}' is not a command of pellicle.", near is null ? "'pellicle --help' lists all commands." : $"Did you mean 'pellicle {near}'?");
    }
}
