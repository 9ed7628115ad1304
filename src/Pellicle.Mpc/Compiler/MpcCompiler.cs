using Pellicle.Core.Errors;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>Calibrate → choose ranges → run on the cost model → plan.</summary>
public static class MpcCompiler
{
    /// <summary>Least and largest f.</summary>
    public const int FewestFractionalBits = 13, MostFractionalBits = 16;

    /// <summary>Compiles a network. Nothing is sent; the cost is that of the declared messages.</summary>
    /// <param name="network">The network, for one image.</param>
    /// <param name="calibration">Images, normalised as the client will.</param>
    /// <param name="options">Protocol, scale, batch, names.</param>
    /// <exception cref="DataFormatException">Values of a layer could leave their range.</exception>
    public static MpcPlan Compile(Network network, IReadOnlyList<float[]> calibration, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(calibration);
        options ??= new PlanOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FractionalBits, FewestFractionalBits, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.FractionalBits, MostFractionalBits, nameof(options));
        var point = new FixedPoint(options.FractionalBits);
        IReadOnlyList<LayerRange> ranges = Calibration.Run(network, calibration, point, options.Protocol);
        return Schedule(network, ranges, options);
    }

    /// <summary>Plans a network whose ranges are known.</summary>
    /// <param name="network">The network, for one image.</param>
    /// <param name="ranges">One a layer.</param>
    /// <param name="options">Protocol, scale, batch, names.</param>
    public static MpcPlan Schedule(Network network, IReadOnlyList<LayerRange> ranges, PlanOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(ranges);
        ArgumentNullException.ThrowIfNull(options);
        var point = new FixedPoint(options.FractionalBits);
        Network repeated = network.ForImages(options.Batch);
        (IReadOnlyList<Traffic> after, IReadOnlyList<DeclaredMessage> messages) = Cost(repeated, ranges, point, options);
        PlannedLayer[] layers = [.. repeated.Layers.Select((layer, i) =>
        {
            Traffic before = i == 0 ? Traffic.None : after[i - 1], own = after[i].Since(before);
            return new PlannedLayer(layer, ranges[i], layer.SecretShapes(point), own.Rounds, own.Bytes, [.. messages.Skip((int)before.Messages).Take((int)own.Messages)]);
        })];
        int outputs = network.Layers[^1].OutputCount;
        return new MpcPlan
        {
            Protocol = options.Protocol.Name(),
            FractionalBits = options.FractionalBits,
            Batch = options.Batch,
            ChunkElements = options.ChunkElements,
            Reveal = options.Reveal,
            Input = options.Input ?? new InputContract([network.InputCount]),
            Classes = options.Classes ?? [.. Enumerable.Range(0, outputs).Select(i => $"class {i}")],
            Layers = layers,
            Rounds = after[^1].Rounds,
            Bytes = after[^1].Bytes,
            BusiestDirectionBytes = after[^1].BusiestDirectionBytes,
        };
    }

    private static (IReadOnlyList<Traffic> After, IReadOnlyList<DeclaredMessage> Messages) Cost(Network network, IReadOnlyList<LayerRange> ranges, FixedPoint point, PlanOptions options)
    {
        if (options.Protocol.CostModel() is not { } cost)
        {
            return ([.. network.Layers.Select(_ => Traffic.None)], []);
        }

        (_, IReadOnlyList<LayerState> after) = SharedNetwork.WithoutValues(network, ranges, point, options.ChunkElements).Run(cost, new SharedTensor(network.InputCount, []));
        return ([.. after.Select(state => state.Traffic)], cost.Messages);
    }
}
