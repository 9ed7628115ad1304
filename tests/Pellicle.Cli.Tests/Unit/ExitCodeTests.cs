using System.Text.Json;
using Pellicle.Cli.Output;
using Pellicle.Core.Errors;

namespace Pellicle.Cli.Tests.Unit;

public sealed class ExitCodeTests
{
    public static TheoryData<int, string> Rows => new()
    {
        { 1, "unexpected" }, { 2, "usage" }, { 3, "input" }, { 4, "privacyRefused" }, { 5, "gateFailed" }, { 6, "party" }, { 130, "interrupted" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_kind_of_failure_has_its_exit_code_in_text_and_json(int code, string kind)
    {
        CliRun text = Run((FailureKind)code, false);
        Assert.Equal((code, ""), (text.ExitCode, text.Output));
        Assert.Contains("pellicle: error: ", text.Error, StringComparison.Ordinal);
        CliRun json = Run((FailureKind)code, false, "--json");
        JsonElement error = json.Json().GetProperty("error");
        Assert.Equal(code, json.ExitCode);
        Assert.Equal(code, error.GetProperty("code").GetInt32());
        Assert.Equal(kind, error.GetProperty("kind").GetString());
    }

    [Fact]
    public void Work_that_was_done_before_a_gate_failed_is_still_given_out()
    {
        JsonElement json = Run(FailureKind.GateFailed, true, "--json").Json();
        Assert.False(json.GetProperty("ok").GetBoolean());
        Assert.Equal(0.5, json.GetProperty("result").GetProperty("value").GetDouble());
        CliRun text = Run(FailureKind.GateFailed, true);
        Assert.Equal((5, "value 0.5\n"), (text.ExitCode, text.Output));
    }

    [Fact]
    public void A_success_is_one_envelope_with_the_warnings()
    {
        JsonElement json = Run(null, true, "--json").Json();
        Assert.True(json.GetProperty("ok").GetBoolean());
        Assert.Equal("a warning", Assert.Single(json.GetProperty("warnings").EnumerateArray()).GetString());
        Assert.False(json.TryGetProperty("error", out _));
    }

    [Fact]
    public void An_unexpected_failure_shows_its_place_only_when_asked()
    {
        Assert.DoesNotContain(" at ", Run(FailureKind.Unexpected, false).Error, StringComparison.Ordinal);
        Assert.Contains(nameof(FakeCommand), Run(FailureKind.Unexpected, false, "-v").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.csv: line 2: 'x.png' does not exist", "line 2: 'x.png' does not exist", 1)]
    [InlineData("1 problem in a.csv", "line 2: 'x.png' does not exist", 2)]
    public void A_single_problem_is_told_once(string message, string problem, int expectedErrors)
    {
        var failure = new Failure(FailureKind.Input, message, "check the name", [new Problem("line 2", problem, "check the name")]);
        using var writer = new StringWriter();
        failure.WriteTo(writer);
        Assert.Equal(expectedErrors, writer.ToString().Split("pellicle: error: ").Length - 1);
        Assert.Contains(problem, writer.ToString(), StringComparison.Ordinal);
    }

    private static CliRun Run(FailureKind? kind, bool afterWork, params string[] args) =>
        CliRun.Of(new App([new FakeCommand(kind, afterWork)]), null, ["fake", .. args]);

    private sealed class FakeCommand(FailureKind? kind, bool afterWork) : CliCommand
    {
        public override string Name => "fake";

        public override string Summary => "for tests";

        public override IReadOnlyList<string> Examples => ["pellicle fake"];

        public override CommandOutcome Run(CommandContext context)
        {
            context.Reporter.Warn("a warning");
            context.Reporter.Warn("a warning");
            PellicleException? failure = kind is null or FailureKind.Unexpected ? null : new FakeException(kind.Value);
            return kind == FailureKind.Unexpected ? throw new InvalidOperationException("boom")
                : failure is not null && !afterWork ? throw failure
                : new CommandOutcome(new { Value = 0.5 }, writer => writer.WriteLine("value 0.5"), failure);
        }
    }

    private sealed class FakeException(FailureKind kind) : PellicleException(kind, "it failed", "try again");
}
