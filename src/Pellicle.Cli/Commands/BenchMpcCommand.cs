using System.CommandLine;
using Pellicle.Cli.Bench;
using Pellicle.Cli.Mpc;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Benchmark;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Commands;

/// <summary><c>bench mpc</c>: time, rounds and bytes of encrypted predictions.</summary>
internal sealed class BenchMpcCommand : CliCommand
{
    private readonly Option<string[]> _networks = CliOption.Texts("--network", "NAME", $"{string.Join(", ", NamedNetworks.Names)} (repeatable)");
    private readonly Option<string?> _weights = CliOption.Text("--weights", "FILE", "an ONNX file, a run folder or a model folder in place of a named network with random weights");
    private readonly Option<int?> _batch = CliOption.Whole("--batch", "N", "images of one prediction, which share its rounds [1]", 1, MpcOptions.LargestBatch).Also("--batch-size", "-b");
    private readonly Option<string?> _protocol = MpcOptions.Protocol();
    private readonly Option<bool> _processes = CliOption.Flag("--processes", "three processes on loopback with TLS and a client, as a deployment has them [threads of this process]");
    private readonly Option<int?> _runs = CliOption.Whole("--runs", "N", "timed predictions, at least 1, after a quarter as many and 2 s to warm up [20]", 1, 10_000);
    private readonly Option<int?> _bits = MpcOptions.FractionalBits();
    private readonly Option<string?> _simulated = CliOption.Text("--simulate-network", "RTT,RATE", "delay and rate between the parties, such as 40ms,100mbit; with threads");
    private readonly Option<bool> _layers = CliOption.Flag("--layers", "also list every layer of the last prediction");

    public override string Name => "bench mpc";

    public override string Summary => "measure encrypted predictions of published networks";

    public override IReadOnlyList<Option> Options => [_networks, _weights, _batch, _protocol, _processes, _runs, _bits, _simulated, _layers];

    public override IReadOnlyList<string> Details =>
    [
        "Random weights (cost does not depend on values), one random image for the ranges. Times are those of the party that began last,",
        "from the first layer to the shares of the result; the client's own, with upload and fetching, stand beside them.",
        "Rounds and bytes are exact. The letters differ between papers: look at the layers, which are printed.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle bench mpc --network b --processes", "pellicle bench mpc --network a --network d --batch 128 --json", "pellicle bench mpc --weights skin.onnx --processes --runs 5"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        string[] names = context.Value(_networks) ?? [];
        foreach (Problem problem in names.SelectMany(name => MpcOptions.Problems(_networks, name, one => NamedNetworks.LayersOf(one)))
            .Concat(MpcOptions.Problems(_protocol, context.Value(_protocol), name => MpcProtocols.Parse(name)))
            .Concat(MpcOptions.Problems(_simulated, context.Value(_simulated), text => SimulatedNetwork.Parse(text))))
        {
            yield return problem;
        }

        if (names.Length == 0 == context.Value(_weights) is null)
        {
            yield return new Problem("--network", names.Length == 0 ? "no network was given." : "--network and --weights cannot be used together.", $"Give --network ({string.Join(", ", NamedNetworks.Names)}), or --weights FILE.");
        }

        if (context.Value(_processes) && context.Value(_simulated) is not null)
        {
            yield return new Problem("--simulate-network", "--processes and --simulate-network cannot be used together: the delay is simulated between threads.", "Leave one of them out.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        MpcBenchResult result = new MpcBenchPipeline(context.Host.Clock, context.Host.Cores, context.Reporter).Run(
            new MpcBenchRequest
            {
                Networks = context.Value(_networks) ?? [],
                Weights = context.Value(_weights),
                Batch = context.Value(_batch) ?? 1,
                Protocol = MpcOptions.ProtocolOf(context.Value(_protocol)),
                StartsProcesses = context.Value(_processes),
                Runs = context.Value(_runs) ?? 20,
                FractionalBits = context.Value(_bits) ?? MpcOptions.ProtocolOf(context.Value(_protocol)).DefaultFractionalBits(),
                Network = context.Value(_simulated) is { } simulated ? SimulatedNetwork.Parse(simulated) : null,
                Threads = context.Threads,
            },
            context.Cancellation);
        return new CommandOutcome(result, writer => Write(writer, result, context.Value(_layers)));
    }

    private static void Write(TextWriter writer, MpcBenchResult result, bool listsLayers)
    {
        writer.WriteLine(FormattableString.Invariant($"{result.Machine.Cpu ?? "unknown processor"}, {result.Machine.Cores} cores, load {result.Machine.Load:0.0}; {result.Protocol}, {result.Parties}"));
        var table = new TextTable("network", ">batch", ">runs", ">best ms", ">median ms", ">client ms", ">CPU ms", ">peak MiB", ">rounds", ">MB", ">busiest link MB", ">error");
        foreach ((BenchCase row, MpcBenchNetwork network) in result.Cases.Zip(result.Networks))
        {
            table.Add(
                network.Name, $"{row.Batch}", $"{row.Runs}", Milliseconds(row.MinSeconds), Milliseconds(row.MedianSeconds), Milliseconds(row.Extra["clientMedianSeconds"]), Milliseconds(row.CpuSeconds),
                $"{row.PeakMemoryBytes >> 20}", $"{row.Extra["rounds"]}", ReadableNumber.Fixed(row.Extra["bytes"] / 1e6, 4), ReadableNumber.Fixed(row.Extra["busiestLinkBytes"] / 1e6, 4), ReadableNumber.Of(row.Extra["maxAbsError"]));
        }

        table.WriteTo(writer);
        foreach (MpcBenchNetwork network in result.Networks)
        {
            writer.WriteLine($"{network.Name}: {network.Layers}");
            if (listsLayers)
            {
                var layers = new TextTable("layer", "operator", ">ms", ">rounds", ">bytes");
                foreach (LayerRun layer in network.LastRun)
                {
                    layers.Add(layer.Name, layer.Operator, Milliseconds(layer.Seconds), $"{layer.Rounds}", $"{layer.Bytes}");
                }

                layers.WriteTo(writer);
            }
        }
    }

    private static string Milliseconds(double seconds) => ReadableNumber.Fixed(seconds * 1000, 2);
}
