using Pellicle.Cli.Mpc;
using Pellicle.Cli.Output;
using Pellicle.Core.Random;
using Pellicle.Mpc.Benchmark;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Native;

namespace Pellicle.Cli.Bench;

/// <summary>For each network: random or given weights → plan → start three parties → warm up → time predictions.</summary>
/// <param name="clock">Times predictions.</param>
/// <param name="cores">Processors of this machine.</param>
/// <param name="reporter">Told what is being measured.</param>
internal sealed class MpcBenchPipeline(TimeProvider clock, int cores, Reporter reporter)
{
    private const int MostWarmUps = 5;
    private const double WarmUpSeconds = 2;

    /// <summary>Measures everything asked for.</summary>
    /// <param name="request">Networks and how.</param>
    /// <param name="cancellation">Looked at between predictions.</param>
    public MpcBenchResult Run(MpcBenchRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        NativeRuntime.Start(request.Threads);
        BenchMachine machine = BenchMachine.Describe(cores);
        var cases = new List<BenchCase>();
        var networks = new List<MpcBenchNetwork>();
        foreach ((string name, string layers, Network network) in Networks(request))
        {
            reporter.Note($"measuring {name}");
            MpcBenchmarkResult measured = new MpcBenchmark((repeated, plan) => Start(repeated, plan, request, cancellation)).Run(
                new MpcBenchmarkRequest(network)
                {
                    Batch = request.Batch,
                    Options = new PlanOptions { Protocol = request.Protocol, FractionalBits = request.FractionalBits },
                    Runs = request.Runs,
                    WarmUps = Math.Clamp(request.Runs / 4, 1, MostWarmUps),
                    WarmUpSeconds = request.Runs > 1 ? WarmUpSeconds : 0,
                },
                cancellation);
            cases.Add(Case(name, request, measured));
            networks.Add(new MpcBenchNetwork(name, layers, measured.Layers));
        }

        return new MpcBenchResult(machine, request.Protocol.Name(), request.StartsProcesses ? "three processes, TLS" : "threads of one process", cases, networks);
    }

    private static IEnumerable<(string Name, string Layers, Network Network)> Networks(MpcBenchRequest request)
    {
        if (request.Weights is { } file)
        {
            EncryptedModel model = EncryptedModel.Read(file, request.Threads);
            yield return (Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(file)), string.Join(", ", model.Network.Layers.Select(layer => layer.OperatorName)), model.Network);
        }

        foreach (string name in request.Networks)
        {
            yield return (name, NamedNetworks.LayersOf(name), NamedNetworks.Create(name, new SeededRandom(1)));
        }
    }

    private IMeasuredParties Start(Network network, MpcPlan plan, MpcBenchRequest request, CancellationToken cancellation) =>
        request.Protocol != MpcProtocol.Plain && request.StartsProcesses
            ? new LocalProcesses(network, plan, clock, cancellation)
            : new MeasuredThreads(PartyRunners.StartThreads(network, plan, request.Network, clock));

    private static BenchCase Case(string name, MpcBenchRequest request, MpcBenchmarkResult measured)
    {
        double[] client = [.. measured.ClientSeconds.Order()];
        BenchCase row = BenchCase.Of($"mpc-{name}", request.Batch, request.Threads, measured.PartySeconds, measured.CpuSeconds * request.Runs)
            .With("rounds", measured.Rounds)
            .With("bytes", measured.Bytes)
            .With("busiestLinkBytes", measured.BytesByLink.Max())
            .With("clientMinSeconds", client[0])
            .With("clientMedianSeconds", client[client.Length / 2])
            .With("maxAbsError", measured.MaxAbsError);
        for (int link = 0; link < measured.BytesByLink.Count; link++)
        {
            row = link / 3 == link % 3 ? row : row.With($"bytes{link / 3}to{link % 3}", measured.BytesByLink[link]);
        }

        return row with { PeakMemoryBytes = measured.PeakMemoryBytes };
    }
}

/// <summary>What <c>bench mpc</c> is asked to do.</summary>
internal sealed record MpcBenchRequest
{
    /// <summary>Names of networks.</summary>
    public required IReadOnlyList<string> Networks { get; init; }

    /// <summary>A model in place of a named network, or null.</summary>
    public string? Weights { get; init; }

    /// <summary>Images of one prediction.</summary>
    public required int Batch { get; init; }

    /// <summary>Protocol.</summary>
    public required MpcProtocol Protocol { get; init; }

    /// <summary>True starts three processes, false three threads.</summary>
    public required bool StartsProcesses { get; init; }

    /// <summary>Timed predictions.</summary>
    public required int Runs { get; init; }

    /// <summary>f, 13 to 16.</summary>
    public required int FractionalBits { get; init; }

    /// <summary>Delay and rate between threads, or null.</summary>
    public SimulatedNetwork? Network { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }
}

/// <summary>Result of <c>bench mpc</c>; property names are the JSON fields.</summary>
/// <param name="Machine">Where it was measured.</param>
/// <param name="Protocol">Protocol.</param>
/// <param name="Parties">Processes or threads.</param>
/// <param name="Cases">One a network.</param>
/// <param name="Networks">The same networks.</param>
internal sealed record MpcBenchResult(BenchMachine Machine, string Protocol, string Parties, IReadOnlyList<BenchCase> Cases, IReadOnlyList<MpcBenchNetwork> Networks);

/// <summary>A network that was measured.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Layers">Its layers in words.</param>
/// <param name="LastRun">Cost of each layer in the last prediction.</param>
internal sealed record MpcBenchNetwork(string Name, string Layers, IReadOnlyList<LayerRun> LastRun);
