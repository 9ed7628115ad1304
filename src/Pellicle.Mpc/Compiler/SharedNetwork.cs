using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>A network with one party's part of its weights: runs on any protocol, its cost model included.</summary>
/// <param name="network">Layers; their weights are not read.</param>
/// <param name="ranges">One a layer.</param>
/// <param name="secrets">This party's parts of the layers' secrets.</param>
/// <param name="point">Scale of values.</param>
public sealed class SharedNetwork(Network network, IReadOnlyList<LayerRange> ranges, IReadOnlyList<IReadOnlyList<SharedTensor>> secrets, FixedPoint point)
{
    /// <summary>Splits the weights among the parties: what the model owner does, once.</summary>
    /// <param name="network">The network with its weights.</param>
    /// <param name="ranges">One a layer.</param>
    /// <param name="scheme">How the protocol shares.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <param name="point">Scale of values.</param>
    /// <returns>One object a party.</returns>
    public static SharedNetwork[] Split(Network network, IReadOnlyList<LayerRange> ranges, ShareScheme scheme, Pellicle.Core.Random.ISecureRandom random, FixedPoint point)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(scheme);
        SharedTensor[][][] parts = [.. network.Layers.Select(layer => layer.Secrets(point).Select(secret => scheme.Split(new FixedPoint(secret.Scale).Encode(secret.Values), random)).ToArray())];
        int parties = scheme.Split([], random).Length;
        return [.. Enumerable.Range(0, parties).Select(party => new SharedNetwork(network, ranges, [.. parts.Select(layer => (IReadOnlyList<SharedTensor>)[.. layer.Select(secret => secret[party])])], point))];
    }

    /// <summary>The network with lengths and no values, for a cost model.</summary>
    /// <param name="network">Layers.</param>
    /// <param name="ranges">One a layer.</param>
    /// <param name="point">Scale of values.</param>
    public static SharedNetwork WithoutValues(Network network, IReadOnlyList<LayerRange> ranges, FixedPoint point)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new SharedNetwork(network, ranges, [.. network.Layers.Select(layer => (IReadOnlyList<SharedTensor>)[.. layer.Secrets(point).Select(s => new SharedTensor(s.Values.Length, []))])], point);
    }

    /// <summary>Runs all layers.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="image">This party's part of the image.</param>
    /// <returns>This party's part of the logits, complete, and what the protocol counted after each layer.</returns>
    public (SharedTensor Logits, IReadOnlyList<Traffic> AfterLayer) Run(ITensorProtocol protocol, SharedTensor image)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        var results = new SharedTensor[network.Layers.Count];
        var traffic = new Traffic[results.Length];
        for (int i = 0; i < results.Length; i++)
        {
            NetworkLayer layer = network.Layers[i];
            results[i] = layer.Run(protocol, [.. layer.Inputs.Select(source => source < 0 ? image : results[source])], secrets[i], point, ranges[i]);
            if (i == results.Length - 1)
            {
                results[i].Settle();
            }

            traffic[i] = protocol.Traffic;
        }

        return (results[^1], traffic);
    }
}
