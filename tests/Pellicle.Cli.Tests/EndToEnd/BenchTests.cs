using System.Text.Json;
using Pellicle.Cli.Bench;

namespace Pellicle.Cli.Tests.EndToEnd;

public sealed class BenchTests
{
    private static readonly string[] Fields = ["name", "batch", "threads", "runs", "minSeconds", "medianSeconds", "cpuSeconds", "peakMemoryBytes", "baseline", "ratio", "extra"];

    [Fact]
    public void Noise_and_accounting_are_measured_with_machine_and_every_field()
    {
        JsonElement result = Measure("bench", "accounting", "noise", "--runs", "2", "--threads", "1");
        JsonElement machine = result.GetProperty("machine");
        Assert.All(new[] { "cpu", "cores", "instructionSets", "load" }, field => Assert.True(machine.TryGetProperty(field, out _), field));
        JsonElement[] cases = [.. result.GetProperty("cases").EnumerateArray()];
        Assert.Equal(["noise-4Mi secure", "noise-4Mi libtorch-normal", "accounting-prv-10000-steps"], cases.Select(c => c.GetProperty("name").GetString()));
        foreach (JsonElement row in cases)
        {
            Assert.All(Fields, field => Assert.True(row.TryGetProperty(field, out _), field));
            Assert.Equal((1, 2), (row.GetProperty("threads").GetInt32(), row.GetProperty("runs").GetInt32()));
            Assert.InRange(row.GetProperty("minSeconds").GetDouble(), 1e-6, row.GetProperty("medianSeconds").GetDouble());
        }

        Assert.Equal("noise-4Mi libtorch-normal", cases[0].GetProperty("baseline").GetString());
        Assert.Equal(cases[0].GetProperty("medianSeconds").GetDouble() / cases[1].GetProperty("medianSeconds").GetDouble(), cases[0].GetProperty("ratio").GetDouble(), 1e-9);
        Assert.True(cases[0].GetProperty("extra").GetProperty("cpuNanosecondsPerValue").GetDouble() > 0);
        Assert.Equal(JsonValueKind.Null, cases[2].GetProperty("baseline").ValueKind);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_training_step_is_measured_private_against_ordinary_each_in_a_process_of_its_own()
    {
        JsonElement[] cases = [.. Measure("bench", "cnn_mnist-64", "--runs", "2", "--threads", "1").GetProperty("cases").EnumerateArray()];
        Assert.Equal(["cnn_mnist-64 private", "cnn_mnist-64 ordinary"], cases.Select(c => c.GetProperty("name").GetString()));
        Assert.Equal("cnn_mnist-64 ordinary", cases[0].GetProperty("baseline").GetString());
        Assert.All(cases, c => Assert.True(c.GetProperty("peakMemoryBytes").GetInt64() > 20 << 20));
        Assert.All(cases, c => Assert.Equal(64, c.GetProperty("batch").GetInt32()));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Decoding_is_measured_on_procedural_pictures_or_given_ones()
    {
        JsonElement row = Assert.Single(Measure("bench", "decode", "--runs", "1").GetProperty("cases").EnumerateArray());
        Assert.Equal(("decode jpeg-200x150", 256), (row.GetProperty("name").GetString(), row.GetProperty("batch").GetInt32()));
        Assert.True(row.GetProperty("extra").GetProperty("imagesPerSecond").GetDouble() > 0);
        row = Assert.Single(Measure("bench", "decode", "--data", "synth:dermoscopy,images=70,size=16", "--runs", "1").GetProperty("cases").EnumerateArray());
        Assert.Equal(64, row.GetProperty("batch").GetInt32());
        CliRun few = CliRun.Of("bench", "decode", "--data", "synth:dermoscopy,images=20,size=16");
        Assert.Equal(2, few.ExitCode);
        Assert.Contains("expected at least 64", few.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_names_machine_and_cases()
    {
        CliRun run = CliRun.Of("bench", "accounting", "--runs", "1", "--quiet");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(" cores (", run.Output, StringComparison.Ordinal);
        Assert.Contains("accounting-prv-10000-steps", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Encrypted_predictions_are_measured_in_threads_and_in_processes_with_the_same_rounds_and_bytes()
    {
        JsonElement threads = Measure("bench", "mpc", "--network", "a", "--batch", "2", "--runs", "2"), processes = Measure("bench", "mpc", "--network", "a", "--batch", "2", "--runs", "2", "--processes");
        JsonElement one = Assert.Single(threads.GetProperty("cases").EnumerateArray()), other = Assert.Single(processes.GetProperty("cases").EnumerateArray());
        Assert.Equal(("mpc-a", 2, 2), (one.GetProperty("name").GetString(), one.GetProperty("batch").GetInt32(), one.GetProperty("runs").GetInt32()));
        foreach (string exact in new[] { "rounds", "bytes", "bytes0to1", "bytes1to2", "bytes2to0" })
        {
            Assert.Equal(one.GetProperty("extra").GetProperty(exact).GetDouble(), other.GetProperty("extra").GetProperty(exact).GetDouble());
        }

        Assert.InRange(other.GetProperty("extra").GetProperty("clientMedianSeconds").GetDouble(), other.GetProperty("medianSeconds").GetDouble(), 60);
        Assert.InRange(one.GetProperty("extra").GetProperty("maxAbsError").GetDouble(), 0, 1e-3);
        Assert.Contains("784-128-128-10", threads.GetProperty("networks")[0].GetProperty("layers").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bench mpc --network zz", "there is no network 'zz'")]
    [InlineData("bench mpc --network a --processes --simulate-network 1ms,1gbit", "--processes and --simulate-network cannot be used together")]
    [InlineData("bench mpc --network a --protocol pond", "another program's protocol")]
    [InlineData("bench nois", "Did you mean noise?")]
    [InlineData("bench vit_tiny-33", "Did you mean vit_tiny-32?")]
    [InlineData("bench noise --serve private", "--serve takes one training step")]
    [InlineData("bench noise --runs 0", "--runs is '0'")]
    [InlineData("bench noise --baseline no-such.py", "does not exist")]
    public void Wrong_names_and_options_are_usage_errors(string line, string words)
    {
        CliRun run = CliRun.Of(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_server_of_a_step_answers_each_line_and_ends_with_any_other()
    {
        using var input = new StringReader("step\nstep\nquit\nstep\n");
        using var output = new StringWriter();
        StepServer.Run(StepCase.All[0], StepServer.Private, 1, input, output);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Equal("ready private 26010", lines[0]);
        Assert.All(lines[1..], line => Assert.True(double.Parse(line, System.Globalization.CultureInfo.InvariantCulture) > 0));
    }

    [Fact]
    public void Numbers_that_do_not_exist_are_left_out()
    {
        BenchCase row = BenchCase.Of("a", null, 1, [3, 1, 2], 6);
        Assert.Equal((1, 2, 2), (row.MinSeconds, row.MedianSeconds, row.CpuSeconds));
        Assert.Empty(row.Against(row with { CpuSeconds = 0 }).Extra);
    }

    private static JsonElement Measure(params string[] args)
    {
        CliRun run = CliRun.Of([.. args, "--json", "--quiet"]);
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        return run.Json().GetProperty("result");
    }
}
