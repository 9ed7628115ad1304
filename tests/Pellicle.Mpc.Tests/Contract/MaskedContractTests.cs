using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Mpc.Tests.Compiler;

namespace Pellicle.Mpc.Tests.Contract;

/// <summary>Every operation of <c>masked</c>: result against the plain oracle, rounds, messages and bytes against the declared cost, and the figures of its description.</summary>
public class MaskedContractTests
{
    public static TheoryData<int> Sizes => [1, 63, 64, 65, 513];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Linear_without_truncation_is_exact_with_weights_and_with_results(int n)
    {
        var map = new DenseMap(5, 7, n);
        ulong[] w = RingSamples.Uniform(35, 1), x = RingSamples.Uniform(7 * n, 2), b = RingSamples.Uniform(5, 3);
        Cost asWeight = Check([w, x, b], (p, t) => p.Linear(map, t[0], t[1], t[2], 0), weights: 1);
        Assert.Equal((8L * 5 * n, 16L * 7 * n), (asWeight.Prepared, asWeight.Online));
        Cost asResult = Check([w, x, b], (p, t) => p.Linear(map, t[0], t[1], t[2], 0));
        Assert.Equal((8L * 5 * n, 16L * ((7 * n) + 35)), (asResult.Prepared, asResult.Online));
        Assert.Equal(1, asResult.Rounds);
    }

    [Theory]
    [InlineData(13, 2)]
    [InlineData(16, 2)]
    [InlineData(24, 4)]
    [InlineData(32, 4)]
    public void Linear_with_truncation_is_within_one_unit(int bits, int laneBytes)
    {
        var map = new DenseMap(5, 7, 65);
        Cost traffic = Check([RingSamples.Signed(35, 28, 1), RingSamples.Signed(7 * 65, 28, 2), RingSamples.Signed(5, 50, 3)], (p, t) => p.Linear(map, t[0], t[1], t[2], bits), tolerance: 1, weights: 1);
        Assert.Equal(((8L + 8 + laneBytes) * 5 * 65, 16L * (7 + 5) * 65), (traffic.Prepared, traffic.Online));
        Assert.Equal(2, traffic.Rounds);
    }

    [Fact]
    public void A_convolution_opens_its_input_once_and_not_every_window()
    {
        var map = new ConvolutionMap { Channels = 4, Height = 9, Width = 7, Batch = 2, OutputChannels = 6, Kernel = new(3, 3), Stride = new(2, 1), Padding = new(1, 1, 0, 1), ChannelGroups = 2 };
        ulong[] w = RingSamples.Signed(map.WeightCount, 10, 1), x = RingSamples.Signed(map.InputCount, 12, 2);
        Cost traffic = Check([w, x], (p, t) => p.Linear(map, t[0], t[1], null, 0), weights: 1);
        Assert.Equal((8L * map.OutputCount, 16L * map.InputCount), (traffic.Prepared, traffic.Online));
    }

    [Fact]
    public void What_was_opened_once_is_not_opened_again()
    {
        var map = new DenseMap(3, 4, 65);
        ulong[] w = RingSamples.Signed(12, 10, 1), v = RingSamples.Signed(12, 10, 2), x = RingSamples.Signed(4 * 65, 20, 3);
        Cost traffic = Check([w, v, x], (p, t) => p.Linear(map, t[0], t[2], null, 0).Add(p.Linear(map, t[1], t[2].Scale(2), null, 0)).Add(p.MultiplySum(t[2], t[2], 3 * 65, [.. Enumerable.Range(0, 4 * 65).Select(i => i % 195)], 0)), weights: 2);
        Assert.Equal(16L * 4 * 65, traffic.Online);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Products_and_sums_of_products(int n)
    {
        ulong[] x = RingSamples.Signed(n, 28, 1), y = RingSamples.Signed(n, 28, 2);
        int[] target = [.. Enumerable.Range(0, n).Select(i => i % 3)];
        Cost traffic = Check([x, y], (p, t) => p.MultiplySum(t[0], t[1], n, null, 0));
        Assert.Equal((8L * n, 32L * n), (traffic.Prepared, traffic.Online));
        Check([x, y], (p, t) => p.MultiplySum(t[0], t[1], n, null, 16), tolerance: 1);
        Check([x, y], (p, t) => p.MultiplySum(t[0], t[1], 3, target, 16), tolerance: 1);
        Check([x, y], (p, t) => p.MultiplySum(t[0], p.Constant(y), n, null, 16), tolerance: 1);
    }

    [Theory]
    [InlineData(16, 61)]
    [InlineData(16, 40)]
    [InlineData(13, 61)]
    [InlineData(30, 61)]
    public void Truncation_never_fails_up_to_the_declared_size(int bits, int size)
    {
        ulong[] x = RingSamples.Signed(200_000, size, 7);
        ulong edge = (1UL << 62) - 1;
        ulong[] corners = [0, 1, ulong.MaxValue, edge, 0 - edge, 1UL << bits, 0 - (1UL << bits)];
        Check([[.. corners, .. x]], (p, t) => p.Truncate(t[0], bits), tolerance: 1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(24)]
    [InlineData(32)]
    public void Sign_is_right_up_to_the_edge_of_the_declared_range(int width)
    {
        ulong edge = (1UL << (width - 1)) - 1;
        ulong[] x = [0, 1, ulong.MaxValue, edge, 0 - edge, .. RingSamples.Signed(6000, width - 1, 3)];
        x = [.. x.Select(v => (long)v > (long)edge ? edge : (long)v < -(long)edge ? 0 - edge : v)];
        Check([x], (p, t) => p.BitToArithmetic(p.IsNonNegative(t[0], width)));
    }

    [Fact]
    public void A_sign_wider_than_32_bits_is_refused()
    {
        var cost = MpcProtocol.Masked.CostModel()!;
        Assert.Throws<ArgumentOutOfRangeException>(() => cost.IsNonNegative(new SharedTensor(1, []), 33));
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(10), protocol: MpcProtocol.Masked);
        Assert.Throws<InvalidOperationException>(() => parties.Run(p => p.IsNonNegative(p.Constant([1]), 33)));
    }

    [Fact]
    public void Calibration_refuses_values_beyond_the_32_bits_that_are_compared()
    {
        // 2^31 / 2^16 = 32,768, a quarter of it with the margin.
        Network network = new(2, [SmallNetworks.Relu("act", -1, 2)]);
        Assert.Equal(32, Calibration.Run(network, [[8_000f, -1f]], new FixedPoint(16), MpcProtocol.Masked)[0].SignWidth);
        DataFormatException e = Assert.Throws<DataFormatException>(() => Calibration.Run(network, [[9_000f, -1f]], new FixedPoint(16), MpcProtocol.Masked));
        Assert.Contains("'act' (Relu) takes signs of values up to 9000; expected less than 8192", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Selection_by_the_sign_is_exact(int n)
    {
        ulong[] x = RingSamples.Signed(n, 22, 1), y = RingSamples.Uniform(n, 2);
        Cost same = Check([x], (p, t) => p.SelectShare(p.IsNonNegative(t[0], 24), t[0]));
        Assert.Equal(4, same.Rounds); // opening of x, then the sign
        Cost other = Check([x, y], (p, t) => p.SelectShare(p.IsNonNegative(t[0], 24), t[1]));
        Assert.Equal(4, other.Rounds);
        Assert.Equal(16L * n, other.Online - same.Online);
    }

    [Fact]
    public void Bits_may_be_used_more_than_once()
    {
        ulong[] x = RingSamples.Signed(130, 22, 1), y = RingSamples.Uniform(130, 2);
        Check([x, y], (p, t) =>
        {
            SharedBits bits = p.IsNonNegative(t[0], 24);
            return p.SelectShare(bits, t[0]).Add(p.SelectShare(bits, t[1])).Add(p.BitToArithmetic(bits));
        });
    }

    [Fact]
    public void Linear_truncation_relu_and_opening_of_the_result_take_five_rounds_and_the_stated_bytes()
    {
        var first = new DenseMap(8, 9, 64);
        var second = new DenseMap(1, 8, 64);
        ulong[][] inputs = [RingSamples.Signed(72, 16, 1), RingSamples.Signed(8, 16, 3), RingSamples.Signed(9 * 64, 19, 2)];
        Cost whole = Check(inputs, (p, t) => p.Linear(second, t[1], Relu(p, t), null, 0), tolerance: 8 << 16, weights: 2);
        Assert.Equal(6, whole.Rounds); // opening of the image, and five

        // Per output of the first layer; the image's opening and the second layer's product left out.
        Assert.Equal(54.75, (whole.Prepared - (8 * 64)) / 512.0);
        Assert.Equal(36, (whole.Online - (16 * 9 * 64)) / 512.0);

        SharedTensor Relu(ITensorProtocol p, SharedTensor[] t) => Activation.Relu(p, p.Linear(first, t[0], t[2], null, 16), 24);
    }

    [Fact]
    public void A_pool_behind_a_layer_takes_the_differences_of_what_is_opened_already()
    {
        var map = new DenseMap(4, 6, 64);
        ulong[][] inputs = [RingSamples.Signed(24, 16, 1), RingSamples.Signed(6 * 64, 19, 2)];
        int[][] windows = [.. Enumerable.Range(0, 4).Select(i => (int[])[.. Enumerable.Range(i * 64, 64)])];
        Cost traffic = Check(inputs, (p, t) => Activation.Relu(p, Maximum.Pool(p, p.Linear(map, t[0], t[1], null, 16), windows, 24), 24), tolerance: 1, weights: 1);

        // Opening of the input, of the layer, 3; opening, 3; opening, 3: a further opening for the next layer would make 13 without the input's.
        Assert.Equal(13, traffic.Rounds);
    }

    [Fact]
    public void A_declared_constant_and_public_addition_are_local()
    {
        ulong[] x = RingSamples.Uniform(10, 1), c = RingSamples.Uniform(10, 2);
        Assert.Equal(new Cost(0, 0, 0), Check([x], (p, t) => p.AddPublic(t[0].Add(p.Constant(c)), c)));
    }

    [Fact]
    public void Forms_follow_sums_multiples_and_index_maps_and_the_sign_stays_exact()
    {
        var map = new DenseMap(1, 1, 300);
        ulong[] c = RingSamples.Signed(100, 20, 9);
        int[] places = [.. Enumerable.Range(0, 100).Select(i => (i * 7) % 300)];
        Check([[1UL << 16], RingSamples.Signed(300, 22, 4), RingSamples.Signed(100, 20, 5)], (p, t) =>
        {
            SharedTensor z = p.Linear(map, t[0], t[1], null, 16); // a multiple of 2^16 is truncated exactly
            SharedTensor mixed = p.AddPublic(SharedTensor.Concatenate(z.Gather(places).Subtract(z.Slice(100, 100).Scale(2)), p.Truncate(t[2].Scale(1 << 16), 16), z.Slice(0, 100)), [.. c, .. c, .. c]);
            return p.SelectShare(p.IsNonNegative(mixed, 32), mixed);
        }, weights: 1);
    }

    [Fact]
    public void Operators_made_of_these_are_right_and_cost_what_is_declared()
    {
        ulong[][] candidates = [.. Enumerable.Range(0, 5).Select(i => RingSamples.Signed(70, 20, (ulong)i + 1))];
        Check(candidates, (p, t) => Maximum.Of(p, t, 24));
        Check(candidates, (p, t) => Maximum.IndexOf(p, t, 24));
        Check([RingSamples.Signed(130, 18, 1)], (p, t) => Activation.Tanh.Evaluate(p, t[0], new FixedPoint(16), 24), tolerance: 64);
    }

    [Fact]
    public void Tcp_on_the_loopback_address_gives_the_same_as_queues()
    {
        ulong[] x = RingSamples.Signed(100_000, 22, 1), y = RingSamples.Uniform(100_000, 2);
        ProtocolContractTests.Check([x, y], (p, t) => p.SelectShare(p.IsNonNegative(t[0], 24), t[1]), tolerance: 0, overTcp: true, MpcProtocol.Masked);
    }

    [Theory]
    [InlineData(1, int.MaxValue)]
    [InlineData(3, int.MaxValue)]
    [InlineData(3, 100)]
    public void A_network_gives_the_logits_of_the_plain_run_within_its_roundings_at_the_planned_cost(int batch, int chunkElements)
    {
        Network network = SecureNnContractTests.Classifier(), repeated = network.ForImages(batch);
        float[][] images = [.. Enumerable.Range(0, 4).Select(i => SmallNetworks.Noise(128, (ulong)i + 20, 1))];
        var options = new PlanOptions { Protocol = MpcProtocol.Masked, FractionalBits = 16, Batch = batch, ChunkElements = chunkElements };
        MpcPlan plan = MpcCompiler.Compile(network, images, options), plain = MpcCompiler.Compile(network, images, options with { Protocol = MpcProtocol.Plain });
        float[] input = [.. Enumerable.Range(0, 128 * batch).Select(i => images[i % batch][i / batch])]; // images innermost
        using LocalPrediction parties = SmallNetworks.Parties(repeated, plan);
        using var oracle = new PlainPrediction(repeated, plain, new SystemSecureRandom());
        double[] expected = oracle.Predict(input).Logits;
        for (int again = 0; again < 2; again++)
        {
            PartyRun run = parties.Predict(input);
            Assert.Equal(plan.Bytes, run.Traffic.Bytes);
            Assert.Equal(plan.Rounds, run.Traffic.Rounds);

            // One unit a truncation; a unit in an earlier layer reaches a logit through weights whose sizes add up to less than 16.
            Assert.All(run.Logits.Zip(expected), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 16 * Math.ScaleB(3, -16)));
        }
    }

    // Payload of what P2 prepares and of what P0 and P1 swap. Nothing goes to P2, and P2 sends to P1 alone.
    private static Cost Check(ulong[][] inputs, Func<ITensorProtocol, SharedTensor[], SharedTensor> program, long tolerance = 0, int weights = 0)
    {
        Traffic traffic = ProtocolContractTests.Check(inputs, program, tolerance, protocol: MpcProtocol.Masked, weights: weights);
        CostModel declared = MpcProtocol.Masked.CostModel()!;
        program(declared, [.. inputs.Select((v, i) => i < weights ? SharedTensor.DeclaredWeight(v.Length) : new SharedTensor(v.Length, []))]);
        Assert.All(declared.Messages, message => Assert.Equal(message.From == 0 ? 1 : message.From == 1 ? 0 : 1, message.To));
        DeclaredMessage[] prepared = [.. declared.Messages.Where(message => message.From == 2)];
        Assert.Equal(prepared.Sum(message => message.Bytes), MpcProtocol.Masked.Prepared(traffic).Bytes);
        long payload = prepared.Sum(message => message.Bytes - MessageHeader.Size);
        return new Cost(payload, traffic.PayloadBytes - payload, traffic.Rounds);
    }

    private sealed record Cost(long Prepared, long Online, long Rounds);
}
