using System.Diagnostics;
using System.Text.Json;
using Pellicle.Core.Random;
using Pellicle.Formats.Npy;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>Three <c>mpc party</c> processes and <c>mpc predict --plan</c>, and what happens when one of them is killed, stopped or replaced.</summary>
public sealed class MpcPartyTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-party-test-").FullName;
    private readonly PartyUnderTest?[] _parties = new PartyUnderTest?[PartyId.Count];

    private string Kits => Path.Combine(_folder, "kits");

    private string Image => Path.Combine(_folder, "image.npy");

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Three_processes_predict_for_a_client_and_stop_on_request()
    {
        StartAll();
        JsonElement result = Predict().Json().GetProperty("result");
        Assert.False(result.GetProperty("local").GetBoolean());
        Assert.Equal("remote", result.GetProperty("network").GetProperty("kind").GetString());
        double[] logits = [.. result.GetProperty("predictions")[0].GetProperty("logits").EnumerateArray().Select(value => value.GetDouble())];
        double[] exact = Network().Compute([0.5f, -1, 2, 0.25f])[^1];
        Assert.All(logits.Zip(exact), pair => Assert.Equal(pair.Second, pair.First, 0.01));
        foreach (PartyUnderTest? party in _parties)
        {
            Signal(party!, "TERM");
            Assert.True(party!.Process.WaitForExit(Limit), "SIGTERM did not end the party");
            Assert.Equal(0, party.Process.ExitCode);
        }
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_killed_party_is_named_with_exit_code_6_and_its_restart_is_enough()
    {
        StartAll();
        Kill(1);
        AssertFails(Predict(), "party 1");
        Start(1);
        AssertPredictsAgain();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [Trait(Speed.Trait, Speed.Full)]
    public void A_party_killed_in_the_middle_of_sessions_ends_them_at_once_and_the_others_stay_up(int victim)
    {
        StartAll();
        (Task<CliRun> running, _) = PredictForever();
        Kill(victim);
        long start = Stopwatch.GetTimestamp();
        AssertFails(Finished(running), $"party {victim}");
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), "the client waited for a party that is dead");
        Assert.All(_parties.Where((_, i) => i != victim), party => Assert.False(party!.Process.HasExited));
        Start(victim);
        AssertPredictsAgain();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [Trait(Speed.Trait, Speed.Full)]
    public void A_party_that_is_stopped_is_named_after_the_time_limit_and_works_again_when_it_goes_on(int victim)
    {
        StartAll("--timeout", "3");
        (Task<CliRun> running, _) = PredictForever();
        Signal(_parties[victim]!, "STOP");
        AssertFails(Finished(running), $"party {victim}");
        Signal(_parties[victim]!, "CONT");
        AssertPredictsAgain();
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Full)]
    public void A_client_that_is_killed_leaves_the_parties_ready()
    {
        StartAll();
        (Task<CliRun> running, Process client) = PredictForever();
        client.Kill();
        Finished(running);
        AssertPredictsAgain();
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_changed_plan_is_refused_by_the_others_with_both_hashes()
    {
        Start(0);
        Start(1);
        string file = Path.Combine(Kits, "party2", "plan.json");
        string plan = File.ReadAllText(file);
        File.WriteAllText(file, plan.Replace("\"hidden\"", "\"hiddes\"", StringComparison.Ordinal));
        Start(2);
        string[] hashes = [MpcPlanFile.Read(file).Hash[..8], MpcPlanFile.Read(Path.Combine(Kits, "party0", "plan.json")).Hash[..8]];
        foreach (int party in new[] { 0, 1, 2 })
        {
            Until(() => _parties[party]!.Log.Contains("another plan", StringComparison.Ordinal), $"party {party} refuses");
            Assert.All(hashes, hash => Assert.Contains(hash, _parties[party]!.Log, StringComparison.Ordinal));
        }

        AssertFails(Predict(), "party 2");
        Assert.All(_parties, party => Assert.False(party!.Process.HasExited));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_party_does_not_start_on_a_port_in_use_or_with_a_damaged_kit()
    {
        Start(0);
        CliRun taken = CliRun.Of("mpc", "party", "--plan", PlanOf(1), "--id", "1", "--listen", $"127.0.0.1:{_parties[0]!.Port}", "--peer", $"0=127.0.0.1:{_parties[0]!.Port}", "--http", "127.0.0.1:0");
        Assert.Equal(3, taken.ExitCode);
        Assert.Contains("--listen", taken.Error, StringComparison.Ordinal);
        File.Delete(Path.Combine(Kits, "party2", "weights.slot2"));
        CliRun damaged = CliRun.Of("mpc", "party", "--plan", PlanOf(2), "--id", "2", "--listen", "127.0.0.1:0", "--peer", "0=127.0.0.1:1", "--peer", "1=127.0.0.1:1", "--http", "127.0.0.1:0");
        Assert.Equal(3, damaged.ExitCode);
        Assert.Contains("weights.slot2", damaged.Error, StringComparison.Ordinal);
    }

    public MpcPartyTests()
    {
        Network network = Network();
        MpcPlan plan = MpcCompiler.Compile(network, [[1, 1, 1, 1], [-2, 2, -2, 2]], new PlanOptions { Input = new InputContract([4]), Classes = ["benign", "malignant"] });
        new KitWriter(new SystemSecureRandom(), TimeProvider.System).Write(Kits, KitRequest.Of(network, plan));
        NpyFile.Write(Image, NpyArray.From<float>([0.5f, -1, 2, 0.25f], [4]));
    }

    public void Dispose()
    {
        foreach (PartyUnderTest? party in _parties)
        {
            party?.Process.Kill();
            party?.Process.WaitForExit();
            party?.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static Network Network()
    {
        var random = new SeededRandom(3);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];
        return new Network(4,
        [
            new LinearLayer("hidden", -1, new DenseMap(8, 4, 1), Values(32), Values(8)),
            new ActivationLayer("relu", 0, ActivationKind.Relu, 8),
            new LinearLayer("head", 1, new DenseMap(2, 8, 1), Values(16), Values(2)),
        ]);
    }

    private string PlanOf(int party) => Path.Combine(Kits, $"party{party}", "plan.json");

    private void StartAll(params string[] options)
    {
        for (int i = 0; i < PartyId.Count; i++)
        {
            Start(i, options);
        }

        AssertPredictsAgain();
    }

    private void Start(int party, params string[] options)
    {
        PartyUnderTest? before = _parties[party];
        options = before?.Options ?? options;
        _parties[party] = new PartyUnderTest(
        [
            "mpc", "party", "--plan", PlanOf(party), "--id", $"{party}", "--listen", $"127.0.0.1:{before?.Port ?? 0}", "--http", $"127.0.0.1:{before?.HttpPort ?? 0}", "--rate", "100000",
            .. Enumerable.Range(0, party).SelectMany(peer => new[] { "--peer", $"{peer}=127.0.0.1:{_parties[peer]!.Port}" }), .. options,
        ]) { Options = options };
        Until(() => _parties[party]!.HttpPort > 0, $"party {party} listens: {_parties[party]!.Log}");
    }

    private void Kill(int party)
    {
        _parties[party]!.Process.Kill();
        _parties[party]!.Process.WaitForExit();
    }

    private static void Signal(PartyUnderTest party, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{party.Process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private string[] PredictArguments(params string[] more) =>
    [
        "mpc", "predict", "--plan", Path.Combine(Kits, "client", "plan.json"), "--input-file", Image, "--json",
        .. _parties.SelectMany((party, i) => new[] { "--party", $"{i}=https://127.0.0.1:{party!.HttpPort}" }), .. more,
    ];

    private CliRun Predict() => CliRun.Of(PredictArguments());

    // Runs until something fails; returns when predictions are under way.
    private (Task<CliRun> Run, Process Client) PredictForever()
    {
        int done = Sessions();
        Process process = Process.Start(Redirected(PredictArguments("--iterations", "100000")))!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        Task<CliRun> run = Task.Run(async () =>
        {
            await process.WaitForExitAsync();
            return new CliRun(process.ExitCode, await output, await error);
        });
        Until(() => Sessions() >= done + 5, "predictions are under way");
        return (run, process);
    }

    private static ProcessStartInfo Redirected(string[] args)
    {
        ProcessStartInfo start = OwnProgram.StartInfo(args);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return start;
    }

    private int Sessions() => _parties[0]!.Log.Split("\"state\":\"done\"").Length;

    private static CliRun Finished(Task<CliRun> run)
    {
        Assert.True(Task.WaitAny([run], Limit) == 0, "the client did not end");
        return run.GetAwaiter().GetResult();
    }

    private static void AssertFails(CliRun run, string named)
    {
        Assert.Equal(6, run.ExitCode);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    private void AssertPredictsAgain() => Until(() => Predict().ExitCode == 0, "the parties predict");

    private static void Until(Func<bool> isTrue, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isTrue())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit, $"waited in vain until {what}");
            Thread.Sleep(50);
        }
    }

    private sealed class PartyUnderTest : IDisposable
    {
        private readonly List<string> _lines = [];

        public PartyUnderTest(string[] args)
        {
            Process = new Process { StartInfo = Redirected(args) };
            Process.ErrorDataReceived += (_, line) => Take(line.Data);
            Process.OutputDataReceived += (_, _) => { };
            Process.Start();
            Process.BeginErrorReadLine();
            Process.BeginOutputReadLine();
        }

        public Process Process { get; }

        public string[] Options { get; init; } = [];

        public int Port { get; private set; }

        public int HttpPort { get; private set; }

        public string Log
        {
            get
            {
                lock (_lines)
                {
                    return string.Join('\n', _lines);
                }
            }
        }

        public void Dispose() => Process.Dispose();

        private void Take(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (_lines)
            {
                _lines.Add(line);
            }

            if (line.StartsWith('{') && JsonDocument.Parse(line).RootElement is var entry && entry.TryGetProperty("address", out JsonElement address))
            {
                int port = int.Parse(address.GetString()!.Split(':')[^1].TrimEnd('/'));
                if (entry.GetProperty("event").GetString() == "started")
                {
                    Port = port;
                }
                else
                {
                    HttpPort = port;
                }
            }
        }
    }
}
