using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using Pellicle.Cli.Commands;
using Pellicle.Cli.Help;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli.Tests.Unit;

public sealed partial class HelpTests
{
    public static TheoryData<string> Commands => [.. CommandTree.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_help_of_a_command_names_every_option_and_no_other(string name)
    {
        CliCommand command = CommandTree.All.Single(c => c.Name == name);
        CliRun run = CliRun.Of([.. name.Split(' '), "--help"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[] known = [.. command.Options.Concat(GlobalOptions.All).SelectMany(o => o.Aliases.Append(o.Name)).Where(o => o.StartsWith("--", StringComparison.Ordinal))];
        string[] listed = [.. OptionAtStart().Matches(run.Output).SelectMany(m => m.Groups[1].Value.Split(", "))];
        Assert.Equal(known.Order(), listed.Order());
        string[] mentioned = [.. known, "--target-epsilon", "--noise-multiplier", "--non-private", "--require-auc", "--fail-above"];
        Assert.All(OptionAnywhere().Matches(run.Output), m => Assert.True(mentioned.Contains(m.Value), m.Value + " does not exist"));
        Assert.All(command.Options.Concat(GlobalOptions.All), o => Assert.False(string.IsNullOrEmpty(o.Description)));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_worked_commands_of_the_help_can_be_parsed(string name)
    {
        CliCommand command = CommandTree.All.Single(c => c.Name == name);
        Assert.NotEmpty(command.Examples);
        foreach (string example in command.Examples)
        {
            string[] words = example.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("pellicle", words[0]);
            ParseResult parsed = new Parsing.CommandLineGrammar(CommandTree.All).Parse(words[1..]);
            Assert.Empty(parsed.Errors);
        }
    }

    [Fact]
    public void The_reference_of_commands_is_what_the_program_prints()
    {
        string file = Path.Combine(SharedFiles.Repository, "docs", "reference", "commands.md");
        string expected = Reference();
        if (Environment.GetEnvironmentVariable("PELLICLE_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, expected);
        }

        Assert.Equal(expected, File.ReadAllText(file));
    }

    [Fact]
    public void Exit_codes_are_a_help_topic_and_agree_with_the_documentation()
    {
        CliRun run = CliRun.Of("--help", "exit-codes");
        Assert.Equal(0, run.ExitCode);
        string documented = File.ReadAllText(Path.Combine(SharedFiles.Repository, "docs", "reference", "exit-codes.md"));
        foreach (int code in new[] { 0, 1, 2, 3, 4, 5, 6, 130 })
        {
            Assert.Matches($@"(?m)^\s+{code}  ", run.Output);
            Assert.Contains($"| {code} |", documented, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Version_and_help_are_also_json()
    {
        Assert.Equal($"pellicle {AppVersion.Text}\n", CliRun.Of("--version").Output);
        Assert.StartsWith("pellicle ", CliRun.Of("--version", "--json").Json().GetProperty("result").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(CliRun.Of("doctor", "--help").Output, CliRun.Of("help", "doctor").Output);
        Assert.Equal(CliRun.Of().Output, CliRun.Of("--help").Output);
    }

    private static string Reference()
    {
        var text = new StringBuilder("# Commands\n\nWhat the program prints for `--help`; a test keeps this page equal to it (`PELLICLE_UPDATE_DOCS=1 ./test.sh --fast --only Cli` writes it anew).\n\n");
        text.Append("```text\n").Append(HelpText.Overview(CommandTree.All)).Append("```\n");
        foreach (CliCommand command in CommandTree.All)
        {
            text.Append($"\n## {command.Name}\n\n```text\n").Append(HelpText.For(command)).Append("```\n");
        }

        text.Append("\n## Settings\n\nKeys of `--config` and `--set`, with their variable and what they must be.\n\n| key | variable | default | must be |\n| --- | --- | --- | --- |\n");
        foreach (Setting setting in SettingCatalog.All)
        {
            text.Append($"| `{setting.Key}` | `{setting.Variable}` | {setting.TextOf(new TrainConfig()) ?? "–"} | {setting.Expected} |\n");
        }

        return text.ToString();
    }

    [GeneratedRegex("^  (?:-[a-z], )?((?:--[a-z][a-z_-]*, )*--[a-z][a-z_-]*)", RegexOptions.Multiline)]
    private static partial Regex OptionAtStart();

    [GeneratedRegex("--[a-z][a-z_-]*")]
    private static partial Regex OptionAnywhere();
}
