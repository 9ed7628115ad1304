using Pellicle.Cli.Output;

namespace Pellicle.Cli.Tests.Unit;

public sealed class ReporterTests : IDisposable
{
    private readonly StringWriter _error = new();
    private readonly HandClock _clock = new();

    public void Dispose() => _error.Dispose();

    [Fact]
    public void Without_a_terminal_a_plain_line_is_written_every_ten_seconds()
    {
        var reporter = new Reporter(Host(isTerminal: false), isQuiet: false, isPlain: false);
        for (int second = 0; second <= 25; second++)
        {
            reporter.Progress(() => $"step {second}");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("pellicle: step 10\npellicle: step 20\n", _error.ToString());
    }

    [Theory]
    [InlineData(true, "xterm", null, false, true)]
    [InlineData(true, "dumb", null, false, false)]
    [InlineData(true, "xterm", "1", false, false)]
    [InlineData(true, "xterm", null, true, false)]
    [InlineData(false, "xterm", null, false, false)]
    public void The_line_moves_only_on_a_capable_terminal(bool isTerminal, string term, string? noColor, bool isPlain, bool moves)
    {
        var variables = new Dictionary<string, string> { ["TERM"] = term };
        if (noColor is not null)
        {
            variables["NO_COLOR"] = noColor;
        }

        var reporter = new Reporter(Host(isTerminal) with { Variables = variables }, isQuiet: false, isPlain);
        reporter.Progress(() => "step 1");
        Assert.Equal(moves, _error.ToString().Contains('\r', StringComparison.Ordinal));
    }

    [Fact]
    public void A_warning_ends_a_moving_line_and_is_written_also_when_quiet()
    {
        var reporter = new Reporter(Host(isTerminal: true) with { Variables = new Dictionary<string, string> { ["TERM"] = "xterm" } }, isQuiet: false, isPlain: false);
        reporter.Progress(() => "step 1");
        reporter.Warn("careful");
        Assert.EndsWith("step 1\npellicle: warning: careful\n", _error.ToString(), StringComparison.Ordinal);

        var quiet = new Reporter(Host(isTerminal: false), isQuiet: true, isPlain: false);
        quiet.Note("a note");
        quiet.Progress(() => "never shown");
        quiet.Warn("loud");
        Assert.DoesNotContain("never", _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("a note", _error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("pellicle: warning: loud\n", _error.ToString(), StringComparison.Ordinal);
    }

    private AppHost Host(bool isTerminal) => new() { Output = TextWriter.Null, Error = _error, IsErrorTerminal = isTerminal, Clock = _clock };

    private sealed class HandClock : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
