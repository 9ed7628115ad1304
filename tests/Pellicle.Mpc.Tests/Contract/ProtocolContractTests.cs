using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Mpc.Protocols.Plain;
using Pellicle.Mpc.Protocols.Replicated3;

namespace Pellicle.Mpc.Tests.Contract;

/// <summary>Every operation: result against the plain oracle, rounds, messages and bytes against the declared cost.</summary>
public class ProtocolContractTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    public static TheoryData<int> Sizes => [1, 63, 64, 65, 513];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Sharing_and_combining_gives_the_values_back(int n)
    {
        ulong[] x = RingSamples.Uniform(n, 1);
        var scheme = new ReplicatedShares();
        Assert.Equal(x, scheme.Combine(scheme.Split(x, new SystemSecureRandom())));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Linear_without_truncation_is_exact(int n)
    {
        var map = new DenseMap(5, 7, n);
        ulong[] w = RingSamples.Uniform(35, 1), x = RingSamples.Uniform(7 * n, 2), b = RingSamples.Uniform(5, 3);
        Check([w, x, b], (p, t) => p.Linear(map, t[0], t[1], t[2], 0), tolerance: 0);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    public void Linear_with_truncation_is_within_one_unit(int bits)
    {
        var map = new DenseMap(5, 7, 65);
        Check([RingSamples.Signed(35, 28, 1), RingSamples.Signed(7 * 65, 28, 2), RingSamples.Signed(5, 50, 3)], (p, t) => p.Linear(map, t[0], t[1], t[2], bits), tolerance: 1);
    }

    [Fact]
    public void Linear_on_a_late_result_is_within_the_carried_unit()
    {
        var map = new DenseMap(3, 3, 65);
        ulong[] small = RingSamples.Signed(9, 4, 1);
        Check([small, RingSamples.Signed(3 * 65, 28, 2)], (p, t) => p.Linear(map, t[0], p.Linear(map, t[0], t[1], null, 4), null, 0), tolerance: 3 * 16);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Products_and_sums_of_products(int n)
    {
        ulong[] x = RingSamples.Signed(n, 28, 1), y = RingSamples.Signed(n, 28, 2);
        int[] target = [.. Enumerable.Range(0, n).Select(i => i % 3)];
        Check([x, y], (p, t) => p.MultiplySum(t[0], t[1], n, null, 0), tolerance: 0);
        Check([x, y], (p, t) => p.MultiplySum(t[0], t[1], n, null, 16), tolerance: 1);
        Check([x, y], (p, t) => p.MultiplySum(t[0], t[1], 3, target, 16), tolerance: 1);
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
    [InlineData(40)]
    [InlineData(64)]
    public void Sign_is_right_up_to_the_edge_of_the_declared_range(int width)
    {
        ulong edge = (1UL << (width - 1)) - 1;
        ulong[] x = [0, 1, ulong.MaxValue, edge, 0 - edge, .. RingSamples.Signed(600, width - 1, 3)];
        x = [.. x.Select(v => (long)v > (long)edge ? edge : (long)v < -(long)edge ? 0 - edge : v)];
        Check([x], (p, t) => p.BitToArithmetic(p.IsNonNegative(t[0], width)), tolerance: 0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Selection_by_the_sign_is_exact(int n)
    {
        ulong[] x = RingSamples.Signed(n, 22, 1), y = RingSamples.Uniform(n, 2);
        Check([x, y], (p, t) => p.SelectShare(p.IsNonNegative(t[0], 24), t[1]), tolerance: 0);
    }

    [Fact]
    public void Relu_right_after_a_linear_layer_takes_nine_rounds_and_its_sign_planes_run_beside_the_truncation()
    {
        var map = new DenseMap(8, 9, 64);
        ulong[][] inputs = [RingSamples.Signed(72, 16, 1), RingSamples.Signed(9 * 64, 19, 2)];
        Traffic traffic = Check(inputs, Relu, tolerance: 1);
        Assert.Equal(9, traffic.Rounds);

        // 24 + 6 bytes of the layer, 48 of the selection, 23.4 of the sign: 24 + 2·23 + 3·(21 + 11 + 5 + 1 + 1) = 187 bits.
        double perElement = traffic.PayloadBytes / (double)map.OutputCount;
        Assert.InRange(perElement, 101, 102);

        SharedTensor Relu(ITensorProtocol p, SharedTensor[] t)
        {
            SharedTensor z = p.Linear(map, t[0], t[1], null, 16);
            return p.SelectShare(p.IsNonNegative(z, 24), z);
        }
    }

    [Fact]
    public void A_declared_constant_and_public_addition_are_local()
    {
        ulong[] x = RingSamples.Uniform(10, 1), c = RingSamples.Uniform(10, 2);
        Traffic traffic = Check([x], (p, t) => p.AddPublic(t[0].Add(p.Constant(c)), c), tolerance: 0);
        Assert.Equal(0, traffic.Bytes);
    }

    [Fact]
    public void Tcp_on_the_loopback_address_gives_the_same_as_queues()
    {
        ulong[] x = RingSamples.Signed(100_000, 22, 1); // frames above the size that the sending thread writes itself
        ulong[] y = RingSamples.Uniform(100_000, 2);
        Check([x, y], (p, t) => p.SelectShare(p.IsNonNegative(t[0], 24), t[1]), tolerance: 0, overTcp: true);
    }

    /// <summary>Runs an operation at three parties, in the clear and on the cost model. The first tensors may be weights.</summary>
    internal static Traffic Check(ulong[][] inputs, Func<ITensorProtocol, SharedTensor[], SharedTensor> program, long tolerance, bool overTcp = false, MpcProtocol protocol = MpcProtocol.Replicated3, int weights = 0)
    {
        var plain = new PlainShares();
        ulong[] expected = program(new PlainProtocol(), [.. inputs.Select(v => plain.Split(v, new SystemSecureRandom())[0])]).Slot(0);

        ShareScheme scheme = protocol.Scheme();
        SharedTensor[][] parts = [.. inputs.Select((v, i) => i < weights ? scheme.SplitWeight(v, new SystemSecureRandom()) : scheme.Split(v, new SystemSecureRandom()))];
        using var parties = new LoopbackParties(0xABCD, new SystemSecureRandom(), Timeout, overTcp: overTcp, protocol: protocol);
        SharedTensor[] results = parties.Run(p =>
        {
            SharedTensor result = program(p, [.. parts.Select(part => part[p.Self.Index])]);
            result.Settle();
            return result;
        });
        ulong[] found = scheme.Combine(results);
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.True(Math.Abs((long)(found[i] - expected[i])) <= tolerance, $"element {i}: {(long)found[i]}, expected {(long)expected[i]}");
        }

        CostModel cost = protocol.CostModel()!;
        program(cost, [.. inputs.Select((v, i) => i < weights ? SharedTensor.DeclaredWeight(v.Length) : new SharedTensor(v.Length, []))]).Settle();
        Assert.Equal(cost.Traffic.BytesByLink, parties.Traffic.BytesByLink);
        Assert.Equal(cost.Traffic.Messages, parties.Traffic.Messages);
        Assert.Equal(cost.Traffic.PayloadBytes, parties.Traffic.PayloadBytes);
        Assert.Equal(cost.Traffic.Rounds, parties.Traffic.Rounds);
        return cost.Traffic;
    }
}
