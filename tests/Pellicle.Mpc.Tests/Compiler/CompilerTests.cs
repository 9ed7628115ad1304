using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Xunit.Abstractions;

namespace Pellicle.Mpc.Tests.Compiler;

public class CompilerTests(ITestOutputHelper output)
{
    [Fact]
    public void A_network_of_every_layer_kind_predicts_as_in_the_clear_and_costs_what_the_plan_says()
    {
        Network network = SmallNetworks.EveryKind(out Func<ulong, float[]> image);
        MpcPlan plan = MpcCompiler.Compile(network, [.. Enumerable.Range(0, 8).Select(i => image((ulong)i))]);
        using LocalPrediction prediction = SmallNetworks.Parties(network, plan);
        for (ulong seed = 100; seed < 103; seed++)
        {
            float[] x = image(seed);
            double[] expected = network.Compute(x)[^1];
            (double[] logits, Traffic traffic, _, _) = prediction.Predict(x);
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
        Network network = new(784, [SmallNetworks.Dense("fc1", -1, 784, 128, random), SmallNetworks.Relu("relu1", 0, 128), SmallNetworks.Dense("fc2", 1, 128, 128, random), SmallNetworks.Relu("relu2", 2, 128), SmallNetworks.Dense("fc3", 3, 128, 10, random)]);
        MpcPlan plan = MpcCompiler.Compile(network, [SmallNetworks.Noise(784, 1, 3), SmallNetworks.Noise(784, 2, 3)], new PlanOptions { FractionalBits = 13 });
        output.WriteLine($"{plan.Rounds} rounds, {plan.Bytes} bytes");
        Assert.InRange(plan.Bytes, 1, 45_000);
        Assert.InRange(plan.Rounds, 1, 20);
        float[] x = SmallNetworks.Noise(784, 9, 3);
        double[] expected = network.Compute(x)[^1];
        double[] logits = SmallNetworks.Parties(network, plan).Predict(x).Logits;
        Assert.True(logits.Zip(expected, (a, b) => Math.Abs(a - b)).Max() < 1e-2);
    }

    [Fact]
    public void Chunks_bound_memory_cost_rounds_and_change_nothing_else()
    {
        Network network = SmallNetworks.EveryKind(out Func<ulong, float[]> image);
        float[][] calibration = [.. Enumerable.Range(0, 8).Select(i => image((ulong)i))];
        MpcPlan whole = MpcCompiler.Compile(network, calibration), chunked = MpcCompiler.Compile(network, calibration, new PlanOptions { ChunkElements = 192 });
        Assert.True(chunked.Rounds > whole.Rounds);
        using LocalPrediction wholeParties = SmallNetworks.Parties(network, whole), chunkedParties = SmallNetworks.Parties(network, chunked);
        float[] x = image(77);
        (double[] logits, Traffic traffic, _, _) = chunkedParties.Predict(x);
        Assert.Equal((chunked.Rounds, chunked.Bytes), (traffic.Rounds, traffic.Bytes));
        Assert.True(logits.Zip(wholeParties.Predict(x).Logits, (a, b) => Math.Abs(a - b)).Max() < 1e-3);
        Assert.InRange(MemoryBudget.ChunkElements(1_000_000), 64, 1_000_000 / sizeof(ulong));
    }

    [Fact]
    public void A_mean_pool_before_a_linear_layer_becomes_a_sum_that_sends_nothing()
    {
        var random = new SeededRandom(3);
        NetworkLayer[] layers = [new PoolLayer("mean", -1, false, PoolMap.Square(2, 8, 8, 2, 2)), SmallNetworks.Dense("fc", 0, 32, 3, random)];
        Network network = new(128, layers), folded = PoolFolding.Fold(network);
        float[] x = SmallNetworks.Noise(128, 4, 1);
        Assert.All(network.Compute(x)[^1].Zip(folded.Compute(x)[^1]), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        MpcPlan plan = MpcCompiler.Compile(folded, [x]);
        Assert.Equal(("SumPool", 0L, 0L), (plan.Layers[0].Operator, plan.Layers[0].Rounds, plan.Layers[0].Bytes));
        using LocalPrediction parties = SmallNetworks.Parties(folded, plan);
        Assert.All(network.Compute(x)[^1].Zip(parties.Predict(x).Logits), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void A_mean_pool_stays_one_if_something_else_reads_it_or_its_windows_differ()
    {
        var random = new SeededRandom(3);
        var read = new Network(128, [new PoolLayer("mean", -1, false, PoolMap.Square(2, 8, 8, 2, 2)), SmallNetworks.Dense("fc", 0, 32, 32, random), new AddLayer("add", 0, 1, 32)]);
        var large = new Network(128, [new PoolLayer("mean", -1, false, PoolMap.Square(2, 8, 8, 4, 4)), SmallNetworks.Dense("fc", 0, 8, 3, random)]);
        var last = new Network(128, [new PoolLayer("mean", -1, false, PoolMap.Square(2, 8, 8, 2, 2))]);
        Assert.All([read, large, last], network => Assert.Equal("AveragePool", PoolFolding.Fold(network).Layers[0].OperatorName));
    }

    [Fact]
    public void After_a_first_prediction_a_party_allocates_next_to_nothing()
    {
        var random = new SeededRandom(3);
        var map = new ConvolutionMap { Channels = 3, Height = 64, Width = 64, Batch = 1, OutputChannels = 16, Kernel = new(3, 3), Padding = new(1, 1, 1, 1) };
        int n = map.OutputCount;
        var network = new Network(map.InputCount, [new LinearLayer("conv", -1, map, SmallNetworks.Weights(map.WeightCount, 27, random), null), SmallNetworks.Relu("relu", 0, n), new PoolLayer("max", 1, true, PoolMap.Square(16, 64, 64, 2, 2)), SmallNetworks.Dense("fc", 2, n / 4, 2, random)]);
        float[] x = SmallNetworks.Noise(map.InputCount, 4, 1);
        MpcPlan plan = MpcCompiler.Compile(network, [x]);
        SharedNetwork[] shared = SharedNetwork.Split(network, plan.Ranges, MpcProtocol.Replicated3.Scheme(), new SystemSecureRandom(), plan.Point);
        SharedTensor[] input = MpcProtocol.Replicated3.Scheme().Split(plan.Point.Encode(x), new SystemSecureRandom());
        using var parties = new LoopbackParties(plan.Id, new SystemSecureRandom(), TimeSpan.FromSeconds(60), overTcp: true);
        long[] allocated = parties.Run(protocol =>
        {
            shared[protocol.Self.Index].Run(protocol, input[protocol.Self.Index]);
            shared[protocol.Self.Index].Run(protocol, input[protocol.Self.Index]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            shared[protocol.Self.Index].Run(protocol, input[protocol.Self.Index]);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

        // One slot of the convolution's result has 512 KiB; a prediction uses some dozens of such buffers. Frames on their way may take a few new ones.
        Assert.All(allocated, bytes => Assert.InRange(bytes, 0, 3 << 20));
    }

    [Fact]
    public void A_layer_that_could_leave_its_range_is_refused_by_name_with_value_and_limit()
    {
        float[] weight = [1e9f];
        var network = new Network(1, [new LinearLayer("huge", -1, new DenseMap(1, 1, 1), weight, null), SmallNetworks.Relu("relu", 0, 1)]);
        DataFormatException refusal = Assert.Throws<DataFormatException>(() => MpcCompiler.Compile(network, [[1f]]));
        Assert.Equal(["huge", "relu", "relu"], refusal.Problems.Select(problem => problem.Where));
        Assert.Contains("'huge'", refusal.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("1E+09", refusal.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("takes signs of values up to 1E+09", refusal.Problems[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_of_another_size_is_refused() =>
        Assert.Contains("gets 3 values; expected 4", Assert.Throws<DataFormatException>(() => new Network(3, [SmallNetworks.Relu("relu", -1, 4)])).Message, StringComparison.Ordinal);

    [Fact]
    public void Several_images_at_once_give_each_image_its_own_prediction_for_hardly_more_rounds()
    {
        Network network = SmallNetworks.EveryKind(out Func<ulong, float[]> image);
        float[][] images = [image(1), image(2), image(3)];
        MpcPlan one = MpcCompiler.Compile(network, images), three = MpcCompiler.Compile(network, images, new PlanOptions { Batch = 3 });
        float[] interleaved = [.. Enumerable.Range(0, 3 * 128).Select(i => images[i % 3][i / 3])];

        (double[] logits, Traffic traffic, _, _) = SmallNetworks.Parties(network.ForImages(3), three).Predict(interleaved);

        for (int i = 0; i < 3; i++)
        {
            double[] expected = network.Compute(images[i])[^1];
            Assert.All(expected, (value, k) => Assert.InRange(logits[(3 * k) + i], value - 2e-3, value + 2e-3));
        }

        Assert.Equal((three.Rounds, three.Bytes), (traffic.Rounds, traffic.Bytes));
        Assert.Equal(one.Rounds, three.Rounds);
        Assert.InRange(three.Bytes, one.Bytes, 3 * one.Bytes);
    }

    [Fact]
    public void Means_over_windows_in_the_padding_divide_by_what_they_count()
    {
        PoolMap map = PoolMap.Square(1, 3, 3, 2, 2) with { Before = new(1, 1), Output = new(2, 2) };
        float[] image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        var inside = new Network(9, [new PoolLayer("mean", -1, false, map)]);
        var all = new Network(9, [new PoolLayer("mean", -1, false, map, CountsPadding: true)]);

        Assert.Equal([1, 2.5, 5.5, 7], inside.Compute(image)[0]);
        Assert.Equal([0.25, 1.25, 2.75, 7], all.Compute(image)[0]);
        Assert.All(new[] { inside, all }, network =>
        {
            double[] logits = SmallNetworks.Parties(network, MpcCompiler.Compile(network, [image])).Predict(image).Logits;
            Assert.All(network.Compute(image)[0], (value, i) => Assert.InRange(logits[i], value - 1e-3, value + 1e-3));
        });
    }

    [Fact]
    public void The_hash_of_a_plan_changes_with_every_range()
    {
        var network = new Network(2, [SmallNetworks.Relu("relu", -1, 2)]);
        MpcPlan small = MpcCompiler.Compile(network, [[0.1f, -0.1f]]), large = MpcCompiler.Compile(network, [[50f, -0.1f]]);
        Assert.NotEqual(small.Layers[0].Range.SignWidth, large.Layers[0].Range.SignWidth);
        Assert.NotEqual(small.Hash, large.Hash);
        Assert.Equal(small.Hash, MpcCompiler.Compile(network, [[0.1f, -0.1f]]).Hash);
    }
}
