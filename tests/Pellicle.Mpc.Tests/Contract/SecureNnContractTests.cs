using Pellicle.Core.Random;
using Pellicle.Mpc.Benchmark;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Mpc.Protocols.SecureNn;
using Pellicle.Mpc.Tests.Compiler;

namespace Pellicle.Mpc.Tests.Contract;

/// <summary>Every operation of <c>securenn</c>: result against the plain oracle, rounds, messages and bytes against the declared cost.</summary>
/// <remarks>Local truncation fails with probability |z| / 2^64 a value: the values here are small enough for a false alarm in fewer than 1 in 10^5 runs of a test.</remarks>
public class SecureNnContractTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    // Words of 64, and blocks of 256 in a comparison, ± 1.
    public static TheoryData<int> Sizes => [1, 63, 64, 65, 255, 256, 257, 513];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Sharing_and_combining_gives_the_values_back(int n)
    {
        ulong[] x = RingSamples.Uniform(n, 1);
        var scheme = new AdditiveShares();
        Assert.Equal(x, scheme.Combine(scheme.Split(x, new SystemSecureRandom())));
        Assert.Equal(x, scheme.Combine(scheme.SplitWeight(x, new SystemSecureRandom())));
    }

    [Fact]
    public void A_weight_comes_opened_under_a_mask_that_only_the_helper_knows()
    {
        ulong[] y = RingSamples.Uniform(100, 1);
        SharedTensor[] parts = new AdditiveShares().SplitWeight(y, new SystemSecureRandom());
        Assert.Equal([1, 1, 0], parts.Select(part => part.SlotCount));
        Assert.Equal(parts[0].Form!.Values, parts[1].Form!.Values);
        var opened = new ulong[100];
        Ring64.Add(parts[0].Form!.Values, parts[2].Form!.Values, opened);
        Assert.Equal(y, opened);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Linear_without_truncation_is_exact_with_weights_and_with_results(int n)
    {
        var map = new DenseMap(5, 7, n);
        ulong[] w = RingSamples.Uniform(35, 1), x = RingSamples.Uniform(7 * n, 2), b = RingSamples.Uniform(5, 3);
        Traffic asWeight = Check([w, x, b], (p, t) => p.Linear(map, t[0], t[1], t[2], 0), weights: 1);
        Assert.Equal((16L * 7 * n) + (8L * 5 * n), asWeight.PayloadBytes);
        Traffic asResult = Check([w, x, b], (p, t) => p.Linear(map, t[0], t[1], t[2], 0));
        Assert.Equal(asWeight.PayloadBytes + (16 * 35), asResult.PayloadBytes);
        Assert.Equal(1, asResult.Rounds);
    }

    [Fact]
    public void A_convolution_opens_its_input_once_and_not_every_window()
    {
        var map = new ConvolutionMap { Channels = 4, Height = 9, Width = 7, Batch = 2, OutputChannels = 6, Kernel = new(3, 3), Stride = new(2, 1), Padding = new(1, 1, 0, 1), ChannelGroups = 2 };
        ulong[] w = RingSamples.Signed(map.WeightCount, 10, 1), x = RingSamples.Signed(map.InputCount, 12, 2);
        Traffic traffic = Check([w, x], (p, t) => p.Linear(map, t[0], t[1], null, 13), tolerance: 1, weights: 1);
        Assert.Equal((16L * map.InputCount) + (8L * map.OutputCount), traffic.PayloadBytes);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Products_and_sums_of_products(int n)
    {
        ulong[] x = RingSamples.Signed(n, 15, 1), y = RingSamples.Signed(n, 15, 2), wide = RingSamples.Uniform(n, 3);
        int[] target = [.. Enumerable.Range(0, n).Select(i => i % 3)];
        Check([x, wide], (p, t) => p.MultiplySum(t[0], t[1], n, null, 0));
        Check([x, y], (p, t) => p.MultiplySum(t[0], t[1], n, null, 13), tolerance: 1);
        Check([x, y], (p, t) => p.MultiplySum(t[0], t[1], 3, target, 13), tolerance: 1);
        Check([x, y], (p, t) => p.Truncate(t[0].Add(t[1]), 5), tolerance: 1);
    }

    [Fact]
    public void Local_truncation_fails_as_often_as_stated()
    {
        // |z| uniform below 2^50: 2^49 / 2^64 on average, 30.5 in 10^6. Poisson: outside of 8 to 64 in fewer than 1 in 10^5 runs.
        const int N = 1_000_000, Bits = 13;
        ulong[] z = RingSamples.Signed(N, 50, 7);
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), Timeout, protocol: MpcProtocol.SecureNn);
        SharedTensor[] parts = new AdditiveShares().Split(z, new SystemSecureRandom());
        ulong[] found = new AdditiveShares().Combine(parties.Run(p => p.Truncate(parts[p.Self.Index], Bits)));
        int failures = found.Zip(z).Count(pair => Math.Abs((long)pair.First - ((long)pair.Second >> Bits)) > 1);
        Assert.InRange(failures, 8, 64);
        Assert.Equal(0, parties.Traffic.Bytes);
    }

    [Fact]
    public void Sign_is_right_for_thousands_of_values_and_at_the_corners()
    {
        ulong edge = (1UL << 62) - 1, one = 1;
        ulong[] corners = [0, 1, 2, ulong.MaxValue, ulong.MaxValue - 1, edge, 0 - edge, one << 61, 0 - (one << 61), (one << 31) - 1, 0 - (one << 32)];
        ulong[] x = [.. corners, .. RingSamples.Signed(2500, 61, 3), .. RingSamples.Signed(1500, 20, 4)];
        Traffic traffic = Check([x], (p, t) => p.BitToArithmetic(p.IsNonNegative(t[0], 64)));
        Assert.Equal(8, traffic.Rounds);
        Assert.Equal(440L * x.Length, traffic.PayloadBytes);
    }

    [Fact]
    public void Conversion_to_the_odd_ring_keeps_every_value()
    {
        // a = L - 1 = -1 is the one value that ShareConvert does not take; -2 and 2^63 are allowed.
        ulong[] a = [0, 1, ulong.MaxValue - 1, ulong.MaxValue - 2, 1UL << 63, (1UL << 63) - 1, .. RingSamples.Uniform(3000, 5)];

        // Shares whose sum wraps and does not, besides the random ones.
        ulong[] first = [.. RingSamples.Uniform(a.Length, 6)];
        (first[0], first[1], first[2], first[3]) = (0, 1, ulong.MaxValue, 0);
        ulong[] second = new ulong[a.Length];
        Ring64.Subtract(a, first, second);
        SharedTensor[] parts = [new(a.Length, [first]), new(a.Length, [second]), new(a.Length, [])];
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), Timeout, protocol: MpcProtocol.SecureNn);
        SharedTensor[] odd = parties.Run(p => ((SecureNnProtocol)p).ToOddRing(parts[p.Self.Index]));
        for (int i = 0; i < a.Length; i++)
        {
            Assert.Equal(a[i], OddRing.Add(odd[0].Slot(0)[i], odd[1].Slot(0)[i]));
        }

        Assert.Equal(4, parties.Traffic.Rounds);
        Assert.Equal(200L * a.Length, parties.Traffic.PayloadBytes);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Selection_by_the_sign_is_exact(int n)
    {
        ulong[] x = RingSamples.Signed(n, 22, 1), y = RingSamples.Uniform(n, 2);
        Traffic traffic = Check([x, y], (p, t) => p.SelectShare(p.IsNonNegative(t[0], 24), t[1]));
        Assert.Equal(9, traffic.Rounds);
        Assert.Equal(480L * n, traffic.PayloadBytes);
    }

    [Fact]
    public void A_declared_constant_and_public_addition_are_local()
    {
        ulong[] x = RingSamples.Uniform(10, 1), c = RingSamples.Uniform(10, 2);
        Assert.Equal(0, Check([x], (p, t) => p.AddPublic(t[0].Add(p.Constant(c)), c)).Bytes);
    }

    [Fact]
    public void Operators_made_of_these_are_right_and_cost_what_is_declared()
    {
        ulong[][] candidates = [.. Enumerable.Range(0, 5).Select(i => RingSamples.Signed(70, 20, (ulong)i + 1))];
        Check(candidates, (p, t) => Maximum.Of(p, t, 24));
        Check(candidates, (p, t) => Maximum.IndexOf(p, t, 24));
        Check([RingSamples.Signed(130, 15, 1)], (p, t) => Activation.Tanh.Evaluate(p, t[0], new FixedPoint(13), 24), tolerance: 64);
    }

    [Fact]
    public void Tcp_on_the_loopback_address_gives_the_same_as_queues()
    {
        ulong[] x = RingSamples.Signed(5_000, 22, 1), y = RingSamples.Uniform(5_000, 2);
        ProtocolContractTests.Check([x, y], (p, t) => p.SelectShare(p.IsNonNegative(t[0], 24), t[1]), tolerance: 0, overTcp: true, MpcProtocol.SecureNn);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_network_gives_the_logits_of_the_plain_run_within_its_roundings_at_the_planned_cost(int batch)
    {
        Network network = Classifier(), repeated = network.ForImages(batch);
        float[][] images = [.. Enumerable.Range(0, 4).Select(i => SmallNetworks.Noise(128, (ulong)i + 20, 1))];
        var options = new PlanOptions { Protocol = MpcProtocol.SecureNn, FractionalBits = 13, Batch = batch };
        MpcPlan plan = MpcCompiler.Compile(network, images, options), plain = MpcCompiler.Compile(network, images, options with { Protocol = MpcProtocol.Plain });
        float[] input = [.. Enumerable.Range(0, 128 * batch).Select(i => images[i % batch][i / batch])]; // images innermost
        using LocalPrediction parties = SmallNetworks.Parties(repeated, plan);
        using var oracle = new PlainPrediction(repeated, plain, new SystemSecureRandom());
        PartyRun run = parties.Predict(input);
        double[] expected = oracle.Predict(input).Logits;
        Assert.Equal(plan.Bytes, run.Traffic.Bytes);
        Assert.Equal(plan.Rounds, run.Traffic.Rounds);

        // One unit a truncation; a unit in an earlier layer reaches a logit through weights whose sizes add up to less than 16.
        Assert.All(run.Logits.Zip(expected), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 16 * Math.ScaleB(3, -13)));
    }

    // Reference code, measured: 2.10, 8.86 and 18.94 MB.
    [Theory]
    [InlineData("a", 2.10)]
    [InlineData("b", 8.86)]
    [InlineData("c", 18.94)]
    public void The_networks_of_the_paper_take_three_quarters_of_the_bytes_of_the_reference_code_at_most(string name, double referenceMegabytes)
    {
        Network network = NamedNetworks.Create(name, new SeededRandom(1));
        LayerRange[] ranges = [.. network.Layers.Select(_ => new LayerRange(24))];
        MpcPlan plan = MpcCompiler.Schedule(network, ranges, new PlanOptions { Protocol = MpcProtocol.SecureNn, FractionalBits = 13 });
        Assert.InRange(plan.Bytes / 1e6, 0, 0.75 * referenceMegabytes);
    }

    /// <summary>2 x 8 x 8 → conv 4 → max pool → ReLU → 3.</summary>
    internal static Network Classifier()
    {
        var random = new SeededRandom(11);
        var map = new ConvolutionMap { Channels = 2, Height = 8, Width = 8, Batch = 1, OutputChannels = 4, Kernel = new(3, 3), Padding = new(1, 1, 1, 1) };
        return new Network(128,
        [
            new LinearLayer("conv", -1, map, SmallNetworks.Weights(map.WeightCount, map.Depth, random), SmallNetworks.Weights(4, 4, random)),
            new PoolLayer("max", 0, true, PoolMap.Square(4, 8, 8, 2, 2)),
            SmallNetworks.Relu("relu", 1, 64),
            SmallNetworks.Dense("head", 2, 64, 3, random),
        ]);
    }

    private static Traffic Check(ulong[][] inputs, Func<ITensorProtocol, SharedTensor[], SharedTensor> program, long tolerance = 0, int weights = 0) =>
        ProtocolContractTests.Check(inputs, program, tolerance, protocol: MpcProtocol.SecureNn, weights: weights);
}
