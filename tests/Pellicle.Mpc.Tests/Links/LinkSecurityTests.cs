using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Links;

#pragma warning disable xUnit1031 // What is awaited runs on threads of its own; the tests have no synchronisation context that could be blocked.

namespace Pellicle.Mpc.Tests.Links;

public sealed class LinkSecurityTests : IDisposable
{
    private static readonly PartyId P0 = new(0);
    private static readonly PartyId P1 = new(1);
    private readonly X509Certificate2[] _certificates = [.. Enumerable.Range(0, 4).Select(i => PartyCertificate.Create($"party {i}", DateTimeOffset.UtcNow))];

    [Fact]
    public void Two_parties_of_one_kit_are_linked_and_pass_messages()
    {
        (Outcome called, Outcome calling) = Link(Identity(0), Identity(1));
        using PeerLink atCalled = called.Link!, atCalling = calling.Link!;
        Assert.Equal(P1, atCalled.Peer);
        Assert.Equal(P0, atCalling.Peer);
        var opening = new SessionOpening(new byte[16], OpeningState.Ready, new byte[32], new byte[32]);
        atCalled.Send(opening.ToBytes(), []);
        atCalled.Flush();
        Assert.Equal(OpeningState.Ready, atCalling.Opening.Result.State);
        byte[] received = new byte[100_000];
        atCalling.Send(new byte[96], []);
        atCalling.Send(received, []);
        atCalling.Flush();
        Assert.Throws<AggregateException>(() => atCalled.Opening.Wait()); // 96 zero bytes are no opening
    }

    [Fact]
    public void A_closed_link_is_noticed_while_nothing_runs()
    {
        (Outcome called, Outcome calling) = Link(Identity(0), Identity(1));
        using PeerLink atCalled = called.Link!;
        calling.Link!.Dispose();
        Assert.True(atCalled.Closed.Wait(TimeSpan.FromSeconds(10)), "the other end did not notice");
    }

    [Fact]
    public void A_wrong_plan_is_refused_at_both_ends_with_both_short_hashes() =>
        AssertRefused(Identity(0), Identity(1) with { PlanHash = [.. Enumerable.Repeat((byte)0xEE, 32)] }, "another plan", "eeeeeeee", "07070707");

    [Fact]
    public void Other_weight_shares_are_refused_at_both_ends_with_both_short_hashes() =>
        AssertRefused(Identity(0), Identity(1) with { WeightHash = _ => [.. Enumerable.Repeat((byte)0xDD, 32)] }, "other weight shares", "dddddddd", "09090909");

    [Fact]
    public void Another_number_of_lanes_is_refused_at_both_ends() => AssertRefused(Identity(0), Identity(1) with { Lanes = 3 }, "number of sessions", "3", "1");

    [Fact]
    public void Another_role_is_refused_at_the_called_end()
    {
        // The certificate is that of P1, the greeting says P2.
        (Outcome called, _) = Link(Identity(0), Identity(2) with { Certificate = _certificates[1] });
        Assert.Contains("another role", called.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_caller_with_a_certificate_that_is_not_pinned_is_refused_with_both_fingerprints()
    {
        (Outcome called, Outcome calling) = Link(Identity(0), Identity(1) with { Certificate = _certificates[3] });
        string shown = PartyCertificate.Fingerprint(_certificates[3])[..8];
        Assert.Contains(shown, called.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains(shown, calling.Failure!.Message, StringComparison.Ordinal);
        Assert.Null(called.Link);
        Assert.Null(calling.Link);
    }

    [Fact]
    public void Swapped_certificates_are_refused_by_the_caller()
    {
        (Outcome called, Outcome calling) = Link(Identity(0) with { Certificate = _certificates[2] }, Identity(1));
        Assert.Null(called.Link);
        Assert.Contains(PartyCertificate.Fingerprint(_certificates[2])[..8], calling.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains(PartyCertificate.Fingerprint(_certificates[0])[..8], calling.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_instead_of_TLS_is_refused()
    {
        (Socket server, Socket client) = Connect();
        client.Send("GET / HTTP/1.1\r\n\r\n"u8);
        Assert.Throws<ProtocolException>(() => Security(Identity(0)).AcceptAsync(server, CancellationToken.None).GetAwaiter().GetResult());
        client.Dispose();
    }

    [Fact]
    public void A_caller_that_says_nothing_is_dropped_after_the_handshake_limit()
    {
        (Socket server, Socket client) = Connect();
        var security = new LinkSecurity(Identity(0), TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(5));
        Assert.Contains("within 0.3 s", Assert.Throws<ProtocolException>(() => security.AcceptAsync(server, CancellationToken.None).GetAwaiter().GetResult()).Message, StringComparison.Ordinal);
        client.Dispose();
    }

    [Fact]
    public void Every_input_of_a_pairs_key_changes_the_key()
    {
        static byte[] Bytes(byte value, int count) => [.. Enumerable.Repeat(value, count)];
        var inputs = new PairKeyInputs(Bytes(1, 32), Bytes(2, 16), 0, Bytes(3, 32), Bytes(4, 32), Bytes(5, 16), Bytes(6, 16));
        PairKeyInputs[] variants =
        [
            inputs, inputs with { PlanHash = Bytes(9, 32) }, inputs with { Session = Bytes(9, 16) }, inputs with { Index = 1 }, inputs with { LowContribution = Bytes(9, 32) },
            inputs with { HighContribution = Bytes(9, 32) }, inputs with { LowNonce = Bytes(9, 16) }, inputs with { HighNonce = Bytes(9, 16) }, inputs with { LowContribution = Bytes(4, 32), HighContribution = Bytes(3, 32) },
        ];
        Assert.Equal(variants.Length, variants.Select(one => Convert.ToHexString(PairKey.Derive(one))).Distinct().Count());
        Assert.Equal(PairKey.Derive(inputs), PairKey.Derive(inputs));
    }

    [Theory]
    [InlineData("127.0.0.1:7101", "127.0.0.1", 7101)]
    [InlineData("[::1]:80", "::1", 80)]
    [InlineData("host.example:1", "host.example", 1)]
    public void Addresses_are_read(string text, string host, int port) => Assert.Equal(new PeerAddress(host, port), PeerAddress.Parse(text, "--peer"));

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData(":80")]
    [InlineData("host:")]
    [InlineData("host:70000")]
    [InlineData("host:-1")]
    public void Other_text_is_no_address(string text) => Assert.Contains("--peer", Assert.Throws<UsageException>(() => PeerAddress.Parse(text, "--peer")).Message, StringComparison.Ordinal);

    public void Dispose() => Array.ForEach(_certificates, certificate => certificate.Dispose());

    private static void AssertRefused(LinkIdentity called, LinkIdentity calling, string reason, params string[] both)
    {
        (Outcome atCalled, Outcome atCalling) = Link(called, calling);
        foreach (Outcome outcome in new[] { atCalled, atCalling })
        {
            Assert.Null(outcome.Link);
            Assert.Contains(reason, outcome.Failure!.Message, StringComparison.Ordinal);
            Assert.All(both, text => Assert.Contains(text, outcome.Failure.Message, StringComparison.Ordinal));
        }
    }

    private LinkIdentity Identity(int party) => new()
    {
        Self = new PartyId(party),
        Certificate = _certificates[party],
        Peers = PartyId.All.Where(peer => peer.Index != party).ToDictionary(peer => peer, peer => _certificates[peer.Index]),
        PlanHash = [.. Enumerable.Repeat((byte)7, 32)],
        WeightHash = _ => [.. Enumerable.Repeat((byte)9, 32)],
        Lanes = 1,
        BootNonce = new byte[16],
    };

    private static LinkSecurity Security(LinkIdentity identity) => new(identity, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));

    private static (Outcome Called, Outcome Calling) Link(LinkIdentity called, LinkIdentity calling)
    {
        (Socket server, Socket client) = Connect();
        Task<Outcome> atCalled = Outcome.Of(Security(called).AcceptAsync(server, CancellationToken.None));
        Task<Outcome> atCalling = Outcome.Of(Security(calling).CallAsync(client, called.Self, 0, CancellationToken.None));
        return (atCalled.Result, atCalling.Result);
    }

    private static (Socket Server, Socket Client) Connect()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        return (listener.Accept(), client);
    }

    private sealed record Outcome(PeerLink? Link, ProtocolException? Failure)
    {
        public static async Task<Outcome> Of(Task<(PeerLink Link, int Lane)> attempt)
        {
            try
            {
                return new Outcome((await attempt).Link, null);
            }
            catch (ProtocolException e)
            {
                return new Outcome(null, e);
            }
        }
    }
}
