using System.Text.Json;
using Pellicle.Cli.Commands;

namespace Pellicle.Cli.Tests.Unit;

public sealed class UsageErrorTests
{
    public static TheoryData<string> Commands => [.. CommandTree.All.Select(c => c.Name)];

    [Fact]
    public void No_arguments_give_one_page_of_help_that_ends_in_worked_commands()
    {
        CliRun run = CliRun.Of();
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[] lines = run.Output.TrimEnd().Split('\n');
        Assert.InRange(lines.Length, 20, 78);
        Assert.All(lines[^3..], line => Assert.StartsWith("  pellicle ", line, StringComparison.Ordinal));
        Assert.All(CommandTree.All, command => Assert.Contains("\n  " + command.Name, run.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("docter", "Did you mean 'pellicle doctor'?")]
    [InlineData("data inspec x", "Did you mean 'pellicle data inspect'?")]
    [InlineData("doctor --jsn", "Did you mean --json?")]
    [InlineData("--versoin", "Did you mean --version?")]
    [InlineData("doctor --set privacy.detla=1", "Did you mean 'privacy.delta'?")]
    public void A_mistyped_word_gets_the_nearest_known_one_and_exit_code_2(string line, string hint)
    {
        CliRun run = CliRun.Of(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("pellicle: error: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("pellicle: hint: " + hint, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve --port 1", "serve")]
    public void A_command_of_a_later_version_says_so_in_one_line(string line, string verb)
    {
        CliRun run = CliRun.Of(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"pellicle: error: this version does not have 'pellicle {verb}' yet.\n", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data", "needs one more word: inspect or prepare or synth")]
    [InlineData("doctor extra", "'extra' was not expected")]
    [InlineData("doctor --config", "--config has no value")]
    [InlineData("doctor --config --json", "--config has no value")]
    [InlineData("doctor --out a --out b", "--out is given more than once")]
    [InlineData("doctor --threads 0", "--threads is '0'; expected a whole number from 1 to 1024.")]
    [InlineData("doctor --seed -1", "--seed is '-1'; expected a whole number")]
    [InlineData("doctor --config no-such.yaml", "does not exist")]
    [InlineData("doctor --set privacy.delta", "privacy.delta is ''")]
    public void Wrong_usage_is_explained_on_stderr_only(string line, string words)
    {
        CliRun run = CliRun.Of(line.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        if (!line.Contains("--json", StringComparison.Ordinal))
        {
            Assert.Equal("", run.Output);
        }
    }

    [Fact]
    public void All_problems_of_a_line_are_reported_at_once_also_in_json()
    {
        CliRun run = CliRun.With(new() { ["PELLICLE_TRAIN__BATHC"] = "1" }, "doctor", "--json", "--threads", "x", "--set", "privacy.delta=7", "--bogus");
        JsonElement error = run.Json().GetProperty("error");
        string[] places = [.. error.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("where").GetString()!)];
        Assert.Equal(["--bogus", "PELLICLE_TRAIN__BATHC", "--threads", "--set privacy.delta=7"], places);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("usage", error.GetProperty("kind").GetString());
        Assert.All(places, place => Assert.Contains(place, run.Error, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_fails_as_one_json_document_when_its_line_is_wrong(string command)
    {
        CliRun run = CliRun.Of([.. command.Split(' '), "--no-such-option", "--json"]);
        JsonElement json = run.Json();
        Assert.False(json.GetProperty("ok").GetBoolean());
        Assert.Equal(command, json.GetProperty("command").GetString());
        Assert.Equal(1, json.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(AppVersion.Text, json.GetProperty("pellicleVersion").GetString());
        Assert.Equal(JsonValueKind.Array, json.GetProperty("warnings").ValueKind);
        Assert.Equal(2, json.GetProperty("error").GetProperty("code").GetInt32());
        Assert.False(json.TryGetProperty("result", out _));
    }

    [Theory]
    [InlineData("train --data synth:xray --target-epsilon -1", "--target-epsilon is '-1'; expected a number above 0.")]
    [InlineData("train --data synth:xray --noise-multiplier much", "--noise-multiplier is 'much'")]
    [InlineData("report runs/a --card runs/a/card.md", "'runs/a/card.md' is no run folder; --card takes no file name.")]
    [InlineData("plan --n 99999999999 --epochs 1 --target-epsilon 1", "expected a whole number from 1 to 2147483647")]
    public void A_wrong_value_is_one_problem_that_names_what_is_right(string line, string words)
    {
        CliRun run = CliRun.Of(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("pellicle: error: " + words, run.Error.Replace("error: --n is '99999999999'; ", "error: ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_that_begins_with_an_at_sign_is_no_response_file()
    {
        CliRun run = CliRun.Of("doctor", "@etc");
        Assert.Contains("'@etc' was not expected", run.Error, StringComparison.Ordinal);
    }
}
