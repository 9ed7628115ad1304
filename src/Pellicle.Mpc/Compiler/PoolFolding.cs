using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler;

/// <summary>Makes the means of a pooling layer sums and divides the weights of the linear layer behind it instead: the pool then sends nothing.</summary>
/// <remarks>Zero padding and rearrangements commute with the factor. Weights lose the bits of the factor, so only small windows are folded; windows of unequal size, and
/// results that anything else reads, stay means.</remarks>
public static class PoolFolding
{
    /// <summary>Elements of the largest window that is folded: its weights keep all but two of their fractional bits.</summary>
    public const int LargestWindow = 4;

    /// <summary>Folds all pools that can be.</summary>
    /// <param name="network">With its weights.</param>
    public static Network Fold(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        NetworkLayer[] layers = [.. network.Layers];
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i] is PoolLayer pool && pool.MayBecomeSum(LargestWindow) && LinearBehind(layers, i) is { } behind)
            {
                layers[i] = pool with { IsSum = true };
                layers[behind] = Divided((LinearLayer)layers[behind], pool.Map.WindowSize);
            }
        }

        return new Network(network.InputCount, layers);
    }

    // The only reader, through rearrangements that have one reader themselves.
    private static int? LinearBehind(NetworkLayer[] layers, int layer)
    {
        int[] readers = [.. Enumerable.Range(0, layers.Length).Where(i => layers[i].Inputs.Contains(layer))];
        return readers is not [int reader] ? null : layers[reader] switch
        {
            LinearLayer { Weight: not null } => reader,
            IndexLayer => LinearBehind(layers, reader),
            _ => null,
        };
    }

    private static LinearLayer Divided(LinearLayer layer, int count) => layer with { Weight = Array.ConvertAll(layer.Weight!, w => w / count) };
}
