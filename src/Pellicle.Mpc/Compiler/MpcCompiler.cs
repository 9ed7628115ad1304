using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols.Replicated3;

namespace Pellicle.Mpc.Compiler;

/// <summary>Calibrate → choose ranges → run on the cost model → plan.</summary>
public static class MpcCompiler
{
    /// <summary>Compiles a network for <c>replicated3</c>. Nothing is sent; the cost is that of the declared messages.</summary>
    /// <param name="network">The network.</param>
    /// <param name="calibration">Images, normalised as the client will.</param>
    /// <param name="fractionalBits">f, 13 to 16.</param>
    /// <exception cref="Pellicle.Core.Errors.DataFormatException">Values of a layer could leave their range.</exception>
    public static MpcPlan Compile(Network network, IReadOnlyList<float[]> calibration, int fractionalBits = 16)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(fractionalBits, 13);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fractionalBits, 16);
        var point = new FixedPoint(fractionalBits);
        IReadOnlyList<LayerRange> ranges = Calibration.Run(network, calibration, point);
        (_, IReadOnlyList<Traffic> after) = SharedNetwork.WithoutValues(network, ranges, point).Run(new Replicated3Cost(), new SharedTensor(network.InputCount, []));
        PlannedLayer[] layers = [.. network.Layers.Select((layer, i) =>
        {
            Traffic own = after[i].Since(i == 0 ? Traffic.None : after[i - 1]);
            return new PlannedLayer(layer.Name, layer.OperatorName, layer.OutputCount, ranges[i], own.Rounds, own.Bytes, own.Messages);
        })];
        return new MpcPlan
        {
            Protocol = "replicated3",
            FractionalBits = fractionalBits,
            InputCount = network.InputCount,
            Layers = layers,
            Rounds = after[^1].Rounds,
            Bytes = after[^1].Bytes,
            BusiestDirectionBytes = after[^1].BusiestDirectionBytes,
        };
    }
}
