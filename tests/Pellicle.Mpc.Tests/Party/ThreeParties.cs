using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Client;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Links;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Tests.Party;

/// <summary>Three party servers in this process with real sockets, TLS and HTTPS, that compute relu(W x + b) of six values.</summary>
internal sealed class ThreeParties : IDisposable
{
    public const int Inputs = 6, Outputs = 4;

    private static readonly DenseMap Map = new(Outputs, Inputs, 1);
    private readonly Running?[] _running = new Running?[PartyId.Count];
    private readonly PartyLimits _limits;

    public ThreeParties(PartyLimits? limits = null, int lanes = 1)
    {
        _limits = limits ?? new PartyLimits { Step = TimeSpan.FromSeconds(20), Body = TimeSpan.FromSeconds(5), Drain = TimeSpan.FromSeconds(5) };
        Lanes = lanes;
        Folder = Directory.CreateTempSubdirectory("pellicle-parties-").FullName;
        var random = new SeededRandom(5);
        Weight = [.. Enumerable.Range(0, Map.WeightCount).Select(_ => random.NextGaussian())];
        Bias = [.. Enumerable.Range(0, Outputs).Select(_ => random.NextGaussian())];
        WriteKits(Path.Combine(Folder, "kits"));
        foreach (PartyId party in PartyId.All)
        {
            Start(party);
        }
    }

    public static FixedPoint Point { get; } = new(16);

    public string Folder { get; }

    public double[] Weight { get; }

    public double[] Bias { get; }

    public int Lanes { get; }

    public string[] Origins { get; init; } = [];

    /// <summary>Called by every party before each layer: blocks or throws to disturb a session.</summary>
    public Action<PartyId, string>? OnLayer { get; set; }

    /// <summary>Every session key that any party derived: party, index, key.</summary>
    public List<(int Party, int Index, string Key)> Keys { get; } = [];

    public string Log(PartyId party) => _running[party.Index]!.Log.ToString();

    public Uri Http(PartyId party) => _running[party.Index]!.Server.HttpAddress!;

    public string KitFolder(string name) => Path.Combine(Folder, "kits", name);

    public void WriteKits(string folder) => new KitWriter(new SystemSecureRandom(), TimeProvider.System).Write(folder, new KitRequest
    {
        Plan = hashes => System.Text.Encoding.UTF8.GetBytes("{\"plan\":\"relu(Wx+b)\",\"weights\":[\"" + string.Join("\",\"", hashes) + "\"]}"),
        Secrets = [[.. Weight.Select(w => Point.Encode(w))], [.. Bias.Select(b => new FixedPoint(32).Encode(b))]],
    });

    public void Start(PartyId party)
    {
        Running? before = _running[party.Index];
        PartyKit kit = PartyKit.Open(Path.Combine(KitFolder(KitWriter.FolderOf(party)), "plan.json"), party);
        IReadOnlyList<SharedTensor> weights = kit.ReadWeights([Map.WeightCount, Outputs]);
        var program = new PartyProgram { PlanHash = kit.PlanHash, Batch = 1, InputCount = Inputs, OutputCount = Outputs, Run = (protocol, input, enter) => Compute(protocol, weights, input, enter) };
        var options = new PartyServerOptions
        {
            Listen = new PeerAddress("127.0.0.1", before?.Address.Port ?? 0),
            Http = new PeerAddress("127.0.0.1", before?.HttpPort ?? 0),
            Peers = _running.Take(party.Index).Select((r, i) => (r, i)).ToDictionary(pair => new PartyId(pair.i), pair => pair.r!.Address),
            Limits = _limits,
            Lanes = Lanes,
            AllowedOrigins = Origins,
        };
        var log = new LogWriter();
        var server = new PartyServer(kit, program, options, new SystemSecureRandom(), TimeProvider.System, log, (index, key) =>
        {
            lock (Keys)
            {
                Keys.Add((party.Index, index, Convert.ToHexString(key)));
            }
        });
        var stop = new CancellationTokenSource();
        var thread = new Thread(() => Run(server, stop.Token)) { IsBackground = true };
        thread.Start();
        Until(() => server.HttpAddress is not null, "the server listens");
        _running[party.Index] = new Running(server, kit, stop, thread, log, server.Address, server.HttpAddress!.Port);
    }

    /// <summary>Stops a server as SIGTERM would.</summary>
    public void Stop(PartyId party)
    {
        Running running = _running[party.Index]!;
        running.Stop.Cancel();
        running.Thread.Join();
        running.Server.Dispose();
        running.Kit.Dispose();
    }

    /// <summary>Cuts a server off in the middle of what it does.</summary>
    public void Kill(PartyId party) => _running[party.Index]!.Server.Dispose();

    public ClientKit OpenClientKit() => ClientKit.Open(Path.Combine(KitFolder("client"), "plan.json"), PartyId.All.ToDictionary(party => party, Http));

    public PartyClient Client(PartyId party)
    {
        ClientKit kit = OpenClientKit();
        return new PartyClient(kit, party);
    }

    public void WaitUntilReady() => Until(
        () =>
        {
            try
            {
                ClientKit kit = OpenClientKit();
                using var prediction = new RemotePrediction(kit, new SystemSecureRandom());
                prediction.CheckParties(CancellationToken.None);
                return true;
            }
            catch (ProtocolException)
            {
                return false;
            }
        },
        "all parties are connected");

    /// <summary>Predicts and compares with the computation in the clear.</summary>
    public void PredictAndCompare()
    {
        double[] input = [.. Enumerable.Range(0, Inputs).Select(i => Math.Sin(1 + i))];
        double[] result = Point.Decode(Predict(input));
        for (int r = 0; r < Outputs; r++)
        {
            double exact = Math.Max(0, Bias[r] + Enumerable.Range(0, Inputs).Sum(k => Weight[(r * Inputs) + k] * input[k]));

            // Rounding of 6 inputs and 6 weights of size below 4, and one truncation, each below 2^-16.
            Assert.Equal(exact, result[r], 64 * Math.ScaleB(1, -16));
        }
    }

    public ulong[] Predict(double[]? input = null)
    {
        ClientKit kit = OpenClientKit();
        using var prediction = new RemotePrediction(kit, new SystemSecureRandom());
        return prediction.Predict([.. (input ?? new double[Inputs]).Select(v => Point.Encode(v))], 1, Outputs, CancellationToken.None).Values;
    }

    public static void Until(Func<bool> isTrue, string what)
    {
        long limit = Environment.TickCount64 + 60_000;
        while (!isTrue())
        {
            Assert.True(Environment.TickCount64 < limit, $"waited 60 s in vain until {what}");
            Thread.Sleep(20);
        }
    }

    public void Dispose()
    {
        foreach (Running? running in _running)
        {
            running?.Stop.Cancel();
        }

        foreach (Running? running in _running)
        {
            running?.Thread.Join();
            running?.Server.Dispose();
            running?.Kit.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private (SharedTensor Result, IReadOnlyList<LayerState> AfterLayer) Compute(ITensorProtocol protocol, IReadOnlyList<SharedTensor> weights, SharedTensor input, Action<string> enter)
    {
        void Layer(string name)
        {
            enter(name);
            OnLayer?.Invoke(protocol.Self, name);
            enter(name);
        }

        Layer("dense");
        SharedTensor z = protocol.Linear(Map, weights[0], input, weights[1], Point.FractionalBits);
        Layer("relu");
        SharedTensor y = protocol.SelectShare(protocol.IsNonNegative(z, 32), z);
        y.Settle();
        return (y, [new LayerState(protocol.Traffic, 0)]);
    }

    private static void Run(PartyServer server, CancellationToken stop)
    {
        try
        {
            server.Run(stop);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Cut off, as the test asked.
        }
    }

    private sealed class LogWriter : TextWriter
    {
        private readonly System.Text.StringBuilder _text = new();

        public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            lock (_text)
            {
                _text.Append(value).Append('\n');
            }
        }

        public override string ToString()
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    private sealed record Running(PartyServer Server, PartyKit Kit, CancellationTokenSource Stop, Thread Thread, LogWriter Log, PeerAddress Address, int HttpPort);
}
