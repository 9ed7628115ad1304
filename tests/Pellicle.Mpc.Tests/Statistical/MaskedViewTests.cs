using System.Runtime.InteropServices;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Mpc.Protocols.Masked;

namespace Pellicle.Mpc.Tests.Statistical;

/// <summary>What one party of <c>masked</c> receives: nothing at P2, uniform noise at P0 and P1, whatever the secret is.</summary>
/// <remarks>Chi-square over byte values: mean 255, deviation 22.6. Bounds are 8 deviations above and 7 below; with the heavier upper tail of the distribution that is a false alarm in fewer than
/// 1 in 10^7 for one statistic, and 1 in 10^5 for all of a run.</remarks>
public class MaskedViewTests
{
    private const int N = 8192;
    private const double Low = 255 - (7 * 22.6);
    private const double High = 255 + (8 * 22.6);

    [Fact]
    public void The_party_that_prepares_receives_nothing()
    {
        List<Message>[] views = Views(0x1234_5678, 3 << 13);
        Assert.Empty(views[2]);
        Assert.Contains(views[1], message => message.From == 2);
        Assert.DoesNotContain(views[0], message => message.From == 2);
    }

    [Fact]
    public void The_party_that_prepares_waits_for_nobody()
    {
        // It runs through the program before the others have begun.
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(60), protocol: MpcProtocol.Masked);
        ulong[] x = RingSamples.Signed(100, 20, 1);
        using var isAhead = new ManualResetEventSlim();
        SharedTensor[] input = MpcProtocol.Masked.Scheme().Split(x, new SystemSecureRandom());
        SharedTensor[] results = parties.Run(p =>
        {
            if (p.Self.Index != 2)
            {
                Assert.True(isAhead.Wait(TimeSpan.FromSeconds(60)));
            }

            SharedTensor mine = input[p.Self.Index], y = p.SelectShare(p.IsNonNegative(mine, 24), mine), z = p.MultiplySum(y, y, 100, null, 4);
            if (p.Self.Index == 2)
            {
                isAhead.Set();
            }

            return z;
        });
        ulong[] found = MpcProtocol.Masked.Scheme().Combine(results);
        Assert.All(found.Zip(x), pair => Assert.InRange((long)pair.First - ((long)pair.Second > 0 ? (long)(pair.Second * pair.Second) >> 4 : 0), 0, 1));
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(0xFFFF_FFFF_FFF1_2345UL, 0x1234_5678UL)]
    public void Every_message_to_an_online_server_is_uniform(ulong secret, ulong weight)
    {
        List<Message>[] views = Views(secret, weight);
        foreach (Message message in views[0].Concat(views[1]).Where(message => message.Bytes.Length >= N))
        {
            Assert.InRange(ByteFrequencies.Uniform(message.Bytes), Low, High);
        }

        Assert.True(views[0].Count >= 8 && views[1].Count >= 16);
    }

    [Fact]
    public void Each_message_looks_alike_for_two_secrets()
    {
        List<Message>[] zero = Views(0, 0), other = Views(0xFFFF_FFFF_FFF1_2345, 0x1234_5678);
        for (int party = 0; party < 2; party++)
        {
            Assert.Equal(zero[party].Select(m => (m.From, m.Step, m.Bytes.Length)), other[party].Select(m => (m.From, m.Step, m.Bytes.Length)));
            Assert.All(zero[party].Zip(other[party]), pair => Assert.True(ByteFrequencies.TwoSample(pair.First.Bytes, pair.Second.Bytes) < High));
        }
    }

    // The simulator knows the party's keys and lengths that the plan states, and no secret: what it puts in place of messages is noise, and the party notices no difference.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_simulator_without_secrets_gives_a_server_the_same_view(int party)
    {
        var real = Views(77, 3 << 13)[party];
        byte[] noise = new byte[8 * N];
        var random = new SystemSecureRandom();
        var channels = PartyId.All.Where(peer => peer.Index != party).Select(peer => new Simulator(peer, [.. real.Where(m => m.From == peer.Index)], random)).ToArray();
        using var network = new PartyNetwork(new PartyId(party), 1, channels);
        var simulated = new List<Message>();
        network.Received = (from, step, bytes) => simulated.Add(new Message(from.Index, step, bytes.ToArray()));
        byte[][] keys = PairwiseSeed.DrawKeys(random);
        using var keyA = new PairwiseSeed(keys[0]);
        using var keyB = new PairwiseSeed(keys[1]);
        random.Fill(noise);
        ulong[] share = MemoryMarshal.Cast<byte, ulong>(noise).ToArray();
        SharedTensor result = Program(new MaskedProtocol(network, keyA, keyB), Weight(random), new SharedTensor(N, [share]));
        Assert.Equal(real.Select(m => (m.From, m.Step, m.Bytes.Length)), simulated.Select(m => (m.From, m.Step, m.Bytes.Length)));
        Assert.All(real.Zip(simulated), pair => Assert.True(ByteFrequencies.TwoSample(pair.First.Bytes, pair.Second.Bytes) < High));
        Assert.InRange(ByteFrequencies.Uniform(MemoryMarshal.AsBytes(result.Slot(0).AsSpan())), Low, High);
    }

    [Fact]
    public void Opened_values_and_shares_of_results_are_uniform_for_a_constant_secret()
    {
        ulong[] x = new ulong[N];
        Array.Fill(x, 5UL << 16);
        SharedTensor[] input = MpcProtocol.Masked.Scheme().Split(x, new SystemSecureRandom());
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(60), protocol: MpcProtocol.Masked);
        SharedTensor[][] results = parties.Run(p =>
        {
            SharedTensor mine = input[p.Self.Index], square = p.MultiplySum(mine, mine, N, null, 16), chosen = p.SelectShare(p.IsNonNegative(square, 32), square), bit = p.BitToArithmetic(p.IsNonNegative(mine, 32));
            return (SharedTensor[])[mine, square, chosen, bit];
        });
        Assert.Equal(results[0][0].Form!.Values, results[1][0].Form!.Values);
        AssertUniform(results[0][0].Form!.Values!);
        AssertUniform(results[2][0].Form!.Values!);
        for (int k = 1; k < 4; k++)
        {
            AssertUniform(results[0][k].Slot(0));
            AssertUniform(results[1][k].Slot(0));
        }
    }

    // One mask under two values would show their difference.
    [Fact]
    public void Two_openings_of_the_same_values_are_unrelated()
    {
        ulong[] x = RingSamples.Signed(N, 20, 1);
        SharedTensor[] input = MpcProtocol.Masked.Scheme().Split(x, new SystemSecureRandom());
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(60), protocol: MpcProtocol.Masked);
        ulong[][] differences = parties.Run(p =>
        {
            SharedTensor first = input[p.Self.Index].Copy(), second = first.Copy();
            p.Truncate(first, 4);
            p.Truncate(second, 4);
            var difference = new ulong[N];
            Ring64.Subtract(first.Form!.Values, second.Form!.Values, difference);
            return difference;
        });
        AssertUniform(differences[0]);
        Assert.Equal(differences[0], differences[1]);
    }

    [Fact]
    public void A_stream_that_is_drawn_twice_stops_the_run()
    {
        byte[][] keys = PairwiseSeed.DrawKeys(new SystemSecureRandom());
        using var keyA = new PairwiseSeed(keys[0]);
        using var keyB = new PairwiseSeed(keys[1]);
        (LoopbackChannel toP1, _) = LoopbackChannel.Connect(new PartyId(2), new PartyId(1), TimeSpan.FromSeconds(1));
        using var network = new PartyNetwork(new PartyId(2), 1, toP1);
        new MaskedProtocol(network, keyA, keyB).Truncate(new SharedTensor(10, []), 4);

        // A second session on the same keys begins at the same step.
        Assert.Throws<System.Security.Cryptography.CryptographicException>(() => new MaskedProtocol(network, keyA, keyB).Truncate(new SharedTensor(10, []), 4));
    }

    // A layer, a sign of its result taken twice, a selection, a product and a bit, on one value many times.
    private static SharedTensor Program(ITensorProtocol p, SharedTensor weight, SharedTensor input)
    {
        SharedTensor z = p.Linear(new DenseMap(1, 1, N), weight, input, null, 13);
        SharedTensor y = p.SelectShare(p.IsNonNegative(z, 24), z);
        p.BitToArithmetic(p.IsNonNegative(y.Add(z), 24));
        return p.MultiplySum(y, y, N, null, 13);
    }

    private static SharedTensor Weight(SystemSecureRandom random)
    {
        byte[] bytes = new byte[16];
        random.Fill(bytes);
        ulong[] words = MemoryMarshal.Cast<byte, ulong>(bytes).ToArray();
        return new SharedTensor(1, [[words[0]]]) { Form = new MaskedForm(MaskedForm.ExactBits, [words[1]]) };
    }

    private static List<Message>[] Views(ulong secret, ulong weight)
    {
        ulong[] x = new ulong[N];
        Array.Fill(x, secret);
        ShareScheme scheme = MpcProtocol.Masked.Scheme();
        SharedTensor[] weights = scheme.SplitWeight([weight], new SystemSecureRandom()), input = scheme.Split(x, new SystemSecureRandom());
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(60), protocol: MpcProtocol.Masked);
        var views = new List<Message>[] { [], [], [] };
        for (int i = 0; i < PartyId.Count; i++)
        {
            List<Message> mine = views[i];
            parties.Networks[i].Received = (from, step, bytes) => mine.Add(new Message(from.Index, step, bytes.ToArray()));
        }

        parties.Run(p => Program(p, weights[p.Self.Index], input[p.Self.Index]));
        return views;
    }

    private static void AssertUniform(ulong[] values) => Assert.InRange(ByteFrequencies.Uniform(MemoryMarshal.AsBytes(values.AsSpan())), Low, High);

    private sealed record Message(int From, uint Step, byte[] Bytes);

    // A peer that answers with noise of the lengths of a real run.
    private sealed class Simulator(PartyId peer, IReadOnlyList<Message> lengths, ISecureRandom random) : IChannel
    {
        private int _next;
        private bool _isContent;

        public PartyId Peer => peer;

        public void Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
        {
        }

        public void Receive(Span<byte> destination)
        {
            if (_isContent)
            {
                random.Fill(destination);
                _next++;
            }
            else
            {
                new MessageHeader(1, lengths[_next].Step, 1, (uint)lengths[_next].Bytes.Length).Write(destination);
            }

            _isContent = !_isContent;
        }

        public void Dispose()
        {
        }
    }
}
