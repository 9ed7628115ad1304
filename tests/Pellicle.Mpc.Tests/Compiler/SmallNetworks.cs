using Pellicle.Core.Random;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;

namespace Pellicle.Mpc.Tests.Compiler;

/// <summary>Networks with random weights for the tests of the compiler.</summary>
internal static class SmallNetworks
{
    /// <summary>Three parties as threads, with their shares of the weights.</summary>
    public static LocalPrediction Parties(Network network, MpcPlan plan) => new(network, plan, new SystemSecureRandom(), TimeSpan.FromSeconds(120));

    // 2 x 8 x 8 → conv 8 → group norm → tanh → conv 8 → add → max pool → GELU → mean pool → sigmoid → 3
    public static Network EveryKind(out Func<ulong, float[]> image)
    {
        var random = new SeededRandom(11);
        var first = new ConvolutionMap { Channels = 2, Height = 8, Width = 8, Batch = 1, OutputChannels = 8, Kernel = new(3, 3), Padding = new(1, 1, 1, 1) };
        ConvolutionMap second = first with { Channels = 8, ChannelGroups = 2 };
        image = seed => Noise(128, seed, 1);
        return new Network(128,
        [
            new LinearLayer("conv1", -1, first, Weights(first.WeightCount, first.Depth, random), Weights(8, 8, random)),
            new NormalizationLayer("norm1", 0, new NormalizationMap(8, 64, 4), 1e-5, [.. Weights(8, 8, random).Select(w => 1 + w)], Weights(8, 8, random)),
            new ActivationLayer("tanh1", 1, ActivationKind.Tanh, 512),
            new LinearLayer("conv2", 2, second, Weights(second.WeightCount, second.Depth, random), null),
            new AddLayer("add", 3, 2, 512),
            new PoolLayer("max", 4, true, PoolMap.Square(8, 8, 8, 2, 2)),
            new ActivationLayer("gelu", 5, ActivationKind.Gelu, 128),
            new PoolLayer("mean", 6, false, PoolMap.Whole(8, 4, 4)),
            new ActivationLayer("sigmoid", 7, ActivationKind.Sigmoid, 8),
            Dense("head", 8, 8, 3, random),
        ]);
    }

    public static LinearLayer Dense(string name, int input, int from, int to, SeededRandom random) =>
        new(name, input, new DenseMap(to, from, 1), Weights(from * to, from, random), Weights(to, from, random));

    public static ActivationLayer Relu(string name, int input, int count) => new(name, input, ActivationKind.Relu, count);

    public static float[] Weights(int count, int fanIn, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextGaussian() / Math.Sqrt(fanIn)))];

    public static float[] Noise(int count, ulong seed, double size)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(size * ((2 * random.NextDouble()) - 1)))];
    }
}
