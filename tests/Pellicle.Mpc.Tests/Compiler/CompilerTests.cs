using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Xunit.Abstractions;

namespace Pellicle.Mpc.Tests.Compiler;

public class CompilerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_network_of_every_layer_kind_predicts_as_in_the_clear_and_costs_what_the_plan_says()
    {
        Network network = EveryKind(out Func<ulong, float[]> image);
        MpcPlan plan = MpcCompiler.Compile(network, [.. Enumerable.Range(0, 8).Select(i => image((ulong)i))]);
        var prediction = new LocalPrediction(network, plan, new SystemSecureRandom());
        for (ulong seed = 100; seed < 103; seed++)
        {
            float[] x = image(seed);
            double[] expected = network.Compute(x)[^1];
            (double[] logits, Traffic traffic) = prediction.Predict(x, Timeout);
            double deviation = logits.Zip(expected, (a, b) => Math.Abs(a - b)).Max();
            Assert.True(deviation < 2e-3, $"logits deviate by {deviation}");
            Assert.Equal(Array.IndexOf(expected, expected.Max()), Array.IndexOf(logits, logits.Max()));
            Assert.Equal(plan.Bytes, traffic.Bytes);
            Assert.Equal(plan.Rounds, traffic.Rounds);
        }

        Assert.Equal(plan.Rounds, plan.Layers.Sum(layer => layer.Rounds));
        Assert.Equal(plan.Bytes, plan.Layers.Sum(layer => layer.Bytes));
    }

    [Fact]
    public void Network_a_at_13_fractional_bits_needs_no_more_than_its_goal_of_bytes_and_rounds()
    {
        // 784-128-128-10 with ReLU: goal 0.045 MB and 20 rounds for one image.
        var random = new SeededRandom(5);
        Network network = new(784, [Dense("fc1", -1, 784, 128, random), Relu("relu1", 0, 128), Dense("fc2", 1, 128, 128, random), Relu("relu2", 2, 128), Dense("fc3", 3, 128, 10, random)]);
        MpcPlan plan = MpcCompiler.Compile(network, [Noise(784, 1, 3), Noise(784, 2, 3)], fractionalBits: 13);
        output.WriteLine($"{plan.Rounds} rounds, {plan.Bytes} bytes");
        Assert.InRange(plan.Bytes, 1, 45_000);
        Assert.InRange(plan.Rounds, 1, 20);
        float[] x = Noise(784, 9, 3);
        double[] expected = network.Compute(x)[^1];
        double[] logits = new LocalPrediction(network, plan, new SystemSecureRandom()).Predict(x, Timeout).Logits;
        Assert.True(logits.Zip(expected, (a, b) => Math.Abs(a - b)).Max() < 1e-2);
    }

    [Fact]
    public void A_layer_that_could_leave_its_range_is_refused_by_name_with_value_and_limit()
    {
        float[] weight = [1e9f];
        var network = new Network(1, [new LinearLayer("huge", -1, new DenseMap(1, 1, 1), weight, null), Relu("relu", 0, 1)]);
        DataFormatException refusal = Assert.Throws<DataFormatException>(() => MpcCompiler.Compile(network, [[1f]]));
        Assert.Equal(["huge", "relu", "relu"], refusal.Problems.Select(problem => problem.Where));
        Assert.Contains("'huge'", refusal.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("1E+09", refusal.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("takes signs of values up to 1E+09", refusal.Problems[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_of_another_size_is_refused() =>
        Assert.Contains("gets 3 values; expected 4", Assert.Throws<DataFormatException>(() => new Network(3, [Relu("relu", -1, 4)])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_hash_of_a_plan_changes_with_every_range()
    {
        var network = new Network(2, [Relu("relu", -1, 2)]);
        MpcPlan small = MpcCompiler.Compile(network, [[0.1f, -0.1f]]), large = MpcCompiler.Compile(network, [[50f, -0.1f]]);
        Assert.NotEqual(small.Layers[0].Range.SignWidth, large.Layers[0].Range.SignWidth);
        Assert.NotEqual(small.Hash, large.Hash);
        Assert.Equal(small.Hash, MpcCompiler.Compile(network, [[0.1f, -0.1f]]).Hash);
    }

    // 2 x 8 x 8 → conv 8 → group norm → tanh → conv 8 → add → max pool → GELU → mean pool → sigmoid → 3
    private static Network EveryKind(out Func<ulong, float[]> image)
    {
        var random = new SeededRandom(11);
        var first = new ConvolutionMap { Channels = 2, Height = 8, Width = 8, Batch = 1, OutputChannels = 8, Kernel = (3, 3), Padding = (1, 1, 1, 1) };
        ConvolutionMap second = first with { Channels = 8, ChannelGroups = 2 };
        int[] channel = [.. Enumerable.Range(0, 512).Select(i => i / 64)];
        image = seed => Noise(128, seed, 1);
        return new Network(128,
        [
            new LinearLayer("conv1", -1, first, Weights(first.WeightCount, first.Depth, random), Weights(8, 8, random)),
            new NormalizationLayer("norm1", 0, [.. channel.Select(c => c / 2)], channel, 1e-5, [.. Weights(8, 8, random).Select(w => 1 + w)], Weights(8, 8, random)),
            new ActivationLayer("tanh1", 1, ActivationKind.Tanh, 512),
            new LinearLayer("conv2", 2, second, Weights(second.WeightCount, second.Depth, random), null),
            new AddLayer("add", 3, 2, 512),
            new PoolLayer("max", 4, true, 512, PoolLayer.Square(8, 8, 8, 2, 2)),
            new ActivationLayer("gelu", 5, ActivationKind.Gelu, 128),
            new PoolLayer("mean", 6, false, 128, PoolLayer.Square(8, 4, 4, 4, 4)),
            new ActivationLayer("sigmoid", 7, ActivationKind.Sigmoid, 8),
            Dense("head", 8, 8, 3, random),
        ]);
    }

    private static LinearLayer Dense(string name, int input, int from, int to, SeededRandom random) =>
        new(name, input, new DenseMap(to, from, 1), Weights(from * to, from, random), Weights(to, from, random));

    private static ActivationLayer Relu(string name, int input, int count) => new(name, input, ActivationKind.Relu, count);

    private static float[] Weights(int count, int fanIn, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextGaussian() / Math.Sqrt(fanIn)))];

    private static float[] Noise(int count, ulong seed, double size)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(size * ((2 * random.NextDouble()) - 1)))];
    }
}
