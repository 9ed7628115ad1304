using System.Diagnostics;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Xunit.Abstractions;

namespace Pellicle.Mpc.Tests.Compiler;

/// <summary>The layers of <c>cnn_small</c> at 32 x 32 with random weights, against the exact functions.</summary>
public class SmallClassifierTests(ITestOutputHelper output)
{
    private static readonly int[] Widths = [32, 64, 64, 128];

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_network_of_the_demo_predicts_under_encryption_within_the_demo_tolerance()
    {
        Network network = CnnSmall();
        MpcPlan plan = MpcCompiler.Compile(network, [.. Enumerable.Range(0, 4).Select(i => Image((ulong)i))]);
        float[] image = Image(77);
        double[] exact = Exact(network, image);
        using LocalPrediction prediction = SmallNetworks.Parties(network, plan);
        long start = Stopwatch.GetTimestamp();
        (double[] logits, Traffic traffic, _, _) = prediction.Predict(image);
        double deviation = logits.Zip(exact, (a, b) => Math.Abs(a - b)).Max();
        output.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s, {traffic.Rounds} rounds, {traffic.Bytes / 1e6:F2} MB, largest deviation {deviation:G3}");
        Assert.True(deviation < 0.02, $"logits deviate by {deviation}");
        Assert.Equal(Array.IndexOf(exact, exact.Max()), Array.IndexOf(logits, logits.Max()));
        Assert.Equal(plan.Bytes, traffic.Bytes);
        Assert.Equal(plan.Rounds, traffic.Rounds);
    }

    // The plain run with tanh itself in place of its approximation.
    private static double[] Exact(Network network, float[] image)
    {
        double[] value = Array.ConvertAll(image, v => (double)v);
        foreach (NetworkLayer layer in network.Layers)
        {
            value = layer is ActivationLayer ? Array.ConvertAll(value, Math.Tanh) : layer.Compute([value]);
        }

        return value;
    }

    private static Network CnnSmall()
    {
        var random = new SeededRandom(21);
        var layers = new List<NetworkLayer>();
        int channels = 3, side = 32;
        for (int i = 0; i < Widths.Length; i++)
        {
            int stride = i == 0 ? 1 : 2;
            var map = new ConvolutionMap { Channels = channels, Height = side, Width = side, Batch = 1, OutputChannels = Widths[i], Kernel = new(3, 3), Stride = new(stride, stride), Padding = new(1, 1, 1, 1) };
            channels = Widths[i];
            side = map.OutputHeight;
            layers.Add(new LinearLayer($"conv{i + 1}", layers.Count - 1, map, Weights(map.WeightCount, map.Depth, random), Weights(channels, map.Depth, random)));
            layers.Add(new NormalizationLayer($"norm{i + 1}", layers.Count - 1, new NormalizationMap(channels, side * side, 8), 1e-5, [.. Weights(channels, 16, random).Select(w => 1 + w)], Weights(channels, 16, random)));
            layers.Add(new ActivationLayer($"act{i + 1}", layers.Count - 1, ActivationKind.Tanh, map.OutputCount));
        }

        layers.Add(new PoolLayer("pool", layers.Count - 1, false, PoolMap.Whole(channels, side, side)));
        layers.Add(new LinearLayer("head", layers.Count - 1, new DenseMap(2, channels, 1), Weights(2 * channels, channels, random), Weights(2, channels, random)));
        return new Network(3 * 32 * 32, layers);
    }

    private static float[] Weights(int count, int fanIn, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextGaussian() / Math.Sqrt(fanIn)))];

    private static float[] Image(ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, 3 * 32 * 32).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }
}
