using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Benchmark;

/// <summary>Build a named network → plan → share the weights → warm up → time predictions → compare with floating point.</summary>
/// <param name="clock">Times predictions.</param>
/// <param name="processorTime">Processor time of this process so far; all parties run in it.</param>
public sealed class MpcBenchmark(TimeProvider clock, Func<TimeSpan> processorTime)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(600);

    /// <summary>Measures one network.</summary>
    /// <param name="request">What to measure.</param>
    public MpcBenchmarkResult Run(MpcBenchmarkRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var random = new SeededRandom(1);
        Network network = NamedNetworks.Create(request.Network, random);
        float[][] images = [.. Enumerable.Range(0, request.Batch).Select(_ => Image(network.InputCount, random))];
        MpcPlan plan = MpcCompiler.Compile(network, [images[0]], new PlanOptions { Protocol = request.Protocol, FractionalBits = request.FractionalBits, Batch = request.Batch });
        float[] input = [.. Enumerable.Range(0, plan.InputCount).Select(i => images[i % request.Batch][i / request.Batch])];
        using IPartyRunner parties = Start(network.ForImages(request.Batch), plan, request.Simulated);
        for (int i = 0; i < request.WarmUps; i++)
        {
            parties.Predict(input);
        }

        var seconds = new List<double>();
        PartyRun last = PartyRun.None;
        TimeSpan before = processorTime();
        for (int i = 0; i < request.Runs; i++)
        {
            last = parties.Predict(input);
            seconds.Add(last.Seconds);
        }

        double cpu = (processorTime() - before).TotalSeconds / request.Runs;
        double[] exact = network.Compute(images[0])[^1];
        double error = exact.Select((value, k) => Math.Abs(value - last.Logits[k * request.Batch])).Max();
        seconds.Sort();
        return new MpcBenchmarkResult
        {
            Network = request.Network,
            Layers = NamedNetworks.LayersOf(request.Network),
            Protocol = plan.Protocol,
            Batch = request.Batch,
            Runs = request.Runs,
            MinSeconds = seconds[0],
            MedianSeconds = (seconds[(seconds.Count - 1) / 2] + seconds[seconds.Count / 2]) / 2,
            CpuSeconds = cpu,
            Rounds = last.Traffic.Rounds,
            Bytes = last.Traffic.Bytes,
            BytesByLink = last.Traffic.BytesByLink,
            MaxAbsError = error,
            LayerSeconds = last.Layers,
        };
    }

    private IPartyRunner Start(Network network, MpcPlan plan, SimulatedNetwork? simulated) => MpcProtocols.Parse(plan.Protocol) == MpcProtocol.Plain
        ? new PlainPrediction(network, plan, new SystemSecureRandom(), clock)
        : new LocalPrediction(network, plan, new SystemSecureRandom(), Timeout, simulated, clock);

    private static float[] Image(int count, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
}

/// <summary>What to measure.</summary>
/// <param name="Network">One of <see cref="NamedNetworks.Names"/>.</param>
public sealed record MpcBenchmarkRequest(string Network)
{
    /// <summary>Images of one prediction.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Protocol.</summary>
    public MpcProtocol Protocol { get; init; } = MpcProtocol.Replicated3;

    /// <summary>f.</summary>
    public int FractionalBits { get; init; } = MpcCompiler.MostFractionalBits;

    /// <summary>Timed predictions, at least 1.</summary>
    public int Runs { get; init; } = 20;

    /// <summary>Predictions before them.</summary>
    public int WarmUps { get; init; } = 5;

    /// <summary>Delay and rate between the parties, or null.</summary>
    public SimulatedNetwork? Simulated { get; init; }
}

/// <summary>What was measured.</summary>
public sealed record MpcBenchmarkResult
{
    /// <summary>Name of the network.</summary>
    public required string Network { get; init; }

    /// <summary>Its layers in words.</summary>
    public required string Layers { get; init; }

    /// <summary>replicated3 or plain.</summary>
    public required string Protocol { get; init; }

    /// <summary>Images of one prediction.</summary>
    public required int Batch { get; init; }

    /// <summary>Timed predictions.</summary>
    public required int Runs { get; init; }

    /// <summary>Fastest prediction.</summary>
    public required double MinSeconds { get; init; }

    /// <summary>Median prediction.</summary>
    public required double MedianSeconds { get; init; }

    /// <summary>Processor time of a prediction, all parties.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>Longest chain of messages.</summary>
    public required long Rounds { get; init; }

    /// <summary>Bytes between the parties, headers included.</summary>
    public required long Bytes { get; init; }

    /// <summary>[from, to] flattened to 9 entries.</summary>
    public required IReadOnlyList<long> BytesByLink { get; init; }

    /// <summary>Largest difference of a logit to the network in floating point.</summary>
    public required double MaxAbsError { get; init; }

    /// <summary>Layers of the last prediction.</summary>
    public required IReadOnlyList<LayerRun> LayerSeconds { get; init; }
}
