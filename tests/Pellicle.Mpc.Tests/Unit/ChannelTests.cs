using System.Diagnostics;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;

namespace Pellicle.Mpc.Tests.Unit;

public class ChannelTests
{
    private static readonly PartyId P0 = new(0);
    private static readonly PartyId P1 = new(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void A_message_of_another_plan_is_refused() => AssertRefused(planOfSender: 2, stepOfSender: 5, length: 3, "another plan");

    [Fact]
    public void A_message_of_another_step_is_refused() => AssertRefused(planOfSender: 1, stepOfSender: 6, length: 3, "step 6");

    [Fact]
    public void A_message_of_another_length_is_refused() => AssertRefused(planOfSender: 1, stepOfSender: 5, length: 4, "another length");

    [Fact]
    public void Garbage_is_refused()
    {
        (LoopbackChannel at0, LoopbackChannel at1) = LoopbackChannel.Connect(P0, P1, Short);
        byte[] noise = new byte[64];
        new SystemSecureRandom().Fill(noise);
        noise[0] = 0xEE;
        at0.Send(noise.AsSpan(0, 16), noise.AsSpan(16));
        using var network = new PartyNetwork(P1, 1, at1);
        Assert.Equal(FailureKind.Party, Assert.Throws<ProtocolException>(() => network.Receive<ulong>(P0, 5, 3)).Kind);
    }

    [Fact]
    public void A_closed_connection_is_reported_with_the_party()
    {
        (LoopbackChannel at0, LoopbackChannel at1) = LoopbackChannel.Connect(P0, P1, TimeSpan.FromSeconds(30));
        at0.Dispose();
        using var network = new PartyNetwork(P1, 1, at1);
        Assert.Contains("party 0 closed the connection", Assert.Throws<ProtocolException>(() => network.Receive<ulong>(P0, 5, 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_party_is_reported_after_the_time_limit()
    {
        (_, LoopbackChannel at1) = LoopbackChannel.Connect(P0, P1, Short);
        using var network = new PartyNetwork(P1, 1, at1);
        Assert.Contains("sent nothing for 0.2 s", Assert.Throws<ProtocolException>(() => network.Receive<ulong>(P0, 5, 3)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void When_one_party_fails_the_others_stop_and_the_cause_is_reported(bool overTcp)
    {
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(20), overTcp: overTcp);
        long start = Stopwatch.GetTimestamp();
        ProtocolException failure = Assert.Throws<ProtocolException>(() => parties.Run(p =>
            p.Self.Index == 1
                ? throw new DataFormatException("the weights are damaged.", "Copy them again.")
                : p.MultiplySum(p.Constant([1]), p.Constant([2]), 1, null, 0)));
        Assert.Contains("weights are damaged", failure.Message, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(15), "the other parties waited for the time limit");
    }

    [Fact]
    public void A_wrong_copy_of_a_slot_is_noticed_when_the_result_is_put_together()
    {
        var scheme = new Protocols.Replicated3.ReplicatedShares();
        SharedTensor[] parts = scheme.Split([1, 2, 3], new SystemSecureRandom());
        ulong[] wrong = [.. parts[1].Slot(0)];
        wrong[2]++;
        parts[1] = new SharedTensor(3, [wrong, parts[1].Slot(1)]);
        Assert.Contains("parties 0 and 1 gave different copies", Assert.Throws<ProtocolException>(() => scheme.Combine(parts)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("40ms,100mbit", 40, 100e6)]
    [InlineData("200us, 1gbit", 0.2, 1e9)]
    [InlineData("1s,64kbit/s", 1000, 64e3)]
    public void Networks_are_read_from_text(string text, double rtt, double rate)
    {
        SimulatedNetwork network = SimulatedNetwork.Parse(text);
        Assert.Equal(rtt, network.RttMs, 9);
        Assert.Equal(rate, network.BitsPerSecond);
    }

    [Theory]
    [InlineData("")]
    [InlineData("40,100")]
    [InlineData("40ms")]
    [InlineData("40ms,0mbit")]
    [InlineData("20s,1mbit")]
    public void Other_text_is_no_network(string text) => Assert.Throws<UsageException>(() => SimulatedNetwork.Parse(text));

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_simulated_link_delays_by_half_the_round_trip_and_sends_at_its_rate()
    {
        // Lower bounds hold on a loaded machine; the upper ones leave it a second.
        var network = new SimulatedNetwork(40, 8e6);
        (LoopbackChannel at0, LoopbackChannel at1) = LoopbackChannel.Connect(P0, P1, TimeSpan.FromSeconds(30), network);
        long start = Stopwatch.GetTimestamp();
        byte[] one = new byte[1];
        for (int i = 0; i < 5; i++)
        {
            at0.Send(one, []);
            at1.Receive(one);
            at1.Send(one, []);
            at0.Receive(one);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.2, 1.2);

        // 1 MB at 1 MB/s, of which one burst passes at once.
        byte[] big = new byte[1_000_000];
        start = Stopwatch.GetTimestamp();
        at0.Send(big, []);
        at1.Receive(big);
        double expected = ((1_000_000 - SimulatedNetwork.BurstBytes) / 1e6) + 0.02;
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, expected * 0.95, expected + 1);
    }

    private static void AssertRefused(uint planOfSender, uint stepOfSender, int length, string reason)
    {
        (LoopbackChannel at0, LoopbackChannel at1) = LoopbackChannel.Connect(P0, P1, Short);
        using var sender = new PartyNetwork(P0, planOfSender, at0);
        using var receiver = new PartyNetwork(P1, 1, at1);
        sender.Send<ulong>(P1, stepOfSender, new ulong[length]);
        ProtocolException refusal = Assert.Throws<ProtocolException>(() => receiver.Receive<ulong>(P0, 5, 3));
        Assert.Equal(FailureKind.Party, refusal.Kind);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }
}
