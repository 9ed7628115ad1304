using Pellicle.Core.Random;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>A network with one party's part of its weights: runs on any protocol, its cost model included.</summary>
/// <param name="network">Layers; their weights are not read.</param>
/// <param name="ranges">One a layer.</param>
/// <param name="secrets">This party's parts of the layers' secrets.</param>
/// <param name="point">Scale of values.</param>
public sealed class SharedNetwork(Network network, IReadOnlyList<LayerRange> ranges, IReadOnlyList<IReadOnlyList<SharedTensor>> secrets, FixedPoint point)
{
    /// <summary>Elements that a layer works on at once where it may.</summary>
    public int ChunkElements { get; init; } = int.MaxValue;

    /// <summary>Splits the weights among the parties: what the model owner does, once.</summary>
    /// <param name="network">The network with its weights.</param>
    /// <param name="ranges">One a layer.</param>
    /// <param name="scheme">How the protocol shares.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <param name="point">Scale of values.</param>
    /// <param name="chunkElements">Elements that a layer works on at once where it may.</param>
    /// <returns>One object a party.</returns>
    public static SharedNetwork[] Split(Network network, IReadOnlyList<LayerRange> ranges, ShareScheme scheme, ISecureRandom random, FixedPoint point, int chunkElements = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(scheme);
        SharedTensor[][][] parts = [.. network.Layers.Select(layer => layer.EncodedSecrets(point).Select(values => scheme.SplitWeight(values, random)).ToArray())];
        int parties = scheme.Weights.Holders.Count;
        return [.. Enumerable.Range(0, parties).Select(party => new SharedNetwork(network, ranges, [.. parts.Select(layer => (IReadOnlyList<SharedTensor>)[.. layer.Select(secret => secret[party])])], point) { ChunkElements = chunkElements })];
    }

    /// <summary>The network with lengths and no values, for a cost model.</summary>
    /// <param name="network">Layers.</param>
    /// <param name="ranges">One a layer.</param>
    /// <param name="point">Scale of values.</param>
    /// <param name="chunkElements">Elements that a layer works on at once where it may.</param>
    public static SharedNetwork WithoutValues(Network network, IReadOnlyList<LayerRange> ranges, FixedPoint point, int chunkElements = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new SharedNetwork(network, ranges, [.. network.Layers.Select(layer => (IReadOnlyList<SharedTensor>)[.. layer.SecretShapes(point).Select(s => new SharedTensor(s.Count, []) { Masked = [] })])], point) { ChunkElements = chunkElements };
    }

    /// <summary>Runs all layers.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="image">This party's part of the image.</param>
    /// <param name="clock">Times layers; null: nobody does.</param>
    /// <param name="entering">Called with the name of each layer before it runs, if given.</param>
    /// <returns>This party's part of the logits, complete, and what was counted after each layer.</returns>
    public (SharedTensor Logits, IReadOnlyList<LayerState> AfterLayer) Run(ITensorProtocol protocol, SharedTensor image, TimeProvider? clock = null, Action<string>? entering = null)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        clock ??= StoppedClock.Instance;
        long start = clock.GetTimestamp();
        var results = new SharedTensor[network.Layers.Count];
        var states = new LayerState[results.Length];
        var lastReader = new int[results.Length];
        for (int i = 0; i < results.Length; i++)
        {
            foreach (int source in network.Layers[i].Inputs.Where(source => source >= 0))
            {
                lastReader[source] = i;
            }
        }

        for (int i = 0; i < results.Length; i++)
        {
            NetworkLayer layer = network.Layers[i];
            entering?.Invoke(layer.Name);
            SharedTensor[] inputs = [.. layer.Inputs.Select(source => source < 0 ? image : results[source])];
            results[i] = layer.IsElementwise && layer.OutputCount > ChunkElements
                ? InChunks(inputs[0], chunk => layer.Run(protocol, [chunk], [], point, ranges[i]), live: chunks => protocol.Recycle([.. results.Where(result => result is not null), .. chunks]))
                : layer.Run(protocol, inputs, secrets[i], point, ranges[i]);
            if (i == results.Length - 1)
            {
                results[i].Settle();
            }

            // A result that nobody reads any more gives its memory back.
            foreach (int source in layer.Inputs.Where(source => source >= 0 && lastReader[source] == i))
            {
                results[source] = null!;
            }

            protocol.Recycle(results.Where(result => result is not null));
            states[i] = new LayerState(protocol.Traffic, clock.GetElapsedTime(start).TotalSeconds);
        }

        SharedTensor logits = results[^1].Copy();
        protocol.Recycle([]);
        return (logits, states);
    }

    // One chunk after the other: intermediate values of one chunk at a time are in memory.
    private SharedTensor InChunks(SharedTensor input, Func<SharedTensor, SharedTensor> run, Action<IEnumerable<SharedTensor>> live)
    {
        var chunks = new List<SharedTensor>();
        for (int start = 0; start < input.Count; start += ChunkElements)
        {
            chunks.Add(run(input.Slice(start, Math.Min(ChunkElements, input.Count - start))));
            live(chunks);
        }

        return SharedTensor.Concatenate(chunks);
    }
}
