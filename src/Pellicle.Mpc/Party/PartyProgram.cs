using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Party;

/// <summary>What a party computes in every session: the plan's network with this party's part of the weights.</summary>
public sealed record PartyProgram
{
    /// <summary>SHA-256 of the plan, hexadecimal.</summary>
    public required string PlanHash { get; init; }

    /// <summary>What the parties run.</summary>
    public MpcProtocol Protocol { get; init; } = MpcProtocol.Replicated3;

    /// <summary>Images of one session.</summary>
    public required int Batch { get; init; }

    /// <summary>Ring elements of the input of one session.</summary>
    public required int InputCount { get; init; }

    /// <summary>Ring elements of the result of one session.</summary>
    public required int OutputCount { get; init; }

    /// <summary>Runs it: this party's protocol and input, and a callback that takes the name of each layer before it starts; gives this party's part of the result, and what was counted after each layer.</summary>
    public required Func<ITensorProtocol, SharedTensor, Action<string>, (SharedTensor Result, IReadOnlyList<LayerState> AfterLayer)> Run { get; init; }

    /// <summary>First four bytes of the plan's hash: what every message carries.</summary>
    public uint PlanId => Convert.ToUInt32(PlanHash[..8], 16);

    /// <summary>The program of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="weights">This party's parts of the secrets, in the order of the layers.</param>
    /// <param name="clock">Times layers.</param>
    public static PartyProgram Of(MpcPlan plan, IReadOnlyList<SharedTensor> weights, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(weights);
        int next = 0;
        IReadOnlyList<SharedTensor>[] secrets = [.. plan.Layers.Select(layer => (IReadOnlyList<SharedTensor>)[.. layer.Secrets.Select(_ => weights[next++])])];
        var network = new SharedNetwork(plan.ToNetwork(), plan.Ranges, secrets, plan.Point) { ChunkElements = plan.ChunkElements };
        return new PartyProgram
        {
            PlanHash = plan.Hash,
            Protocol = MpcProtocols.Parse(plan.Protocol),
            Batch = plan.Batch,
            InputCount = plan.InputCount,
            OutputCount = plan.Layers[^1].Layer.OutputCount,
            Run = (protocol, input, entering) => network.Run(protocol, input, clock, entering),
        };
    }
}
