using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Client;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Http;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Party;

#pragma warning disable xUnit1031 // What is awaited runs on threads of its own; the tests have no synchronisation context that could be blocked.

namespace Pellicle.Mpc.Tests.Party;

public class PartyServerTests
{
    private static readonly PartyId P0 = new(0);
    private static readonly PartyId P1 = new(1);
    private static readonly PartyId P2 = new(2);
    private static readonly PartyLimits Hasty = new() { Step = TimeSpan.FromSeconds(2), Body = TimeSpan.FromSeconds(1), Drain = TimeSpan.FromSeconds(1) };

    [Fact]
    public void Three_servers_compute_what_the_clear_computation_gives_session_after_session_with_keys_that_never_repeat()
    {
        using var parties = new ThreeParties();
        parties.WaitUntilReady();
        for (int i = 0; i < 3; i++)
        {
            parties.PredictAndCompare();
        }

        // Each of 3 keys is derived by its two holders, the same at both, and anew in every session.
        Assert.Equal(3 * 3 * 2, parties.Keys.Count);
        var byKey = parties.Keys.GroupBy(one => one.Key).ToList();
        Assert.Equal(3 * 3, byKey.Count);
        Assert.All(byKey, holders =>
        {
            int index = Assert.Single(holders.Select(one => one.Index).Distinct());
            Assert.Equal([index, (index + 2) % 3], holders.Select(one => one.Party).OrderBy(party => party == index ? 0 : 1));
        });
    }

    [Fact]
    public void Keys_do_not_repeat_after_a_session_that_failed_a_session_that_was_rejected_and_a_restart()
    {
        using var parties = new ThreeParties(Hasty);
        parties.WaitUntilReady();
        parties.OnLayer = (party, layer) =>
        {
            if (party == P2 && layer == "relu")
            {
                throw new DataFormatException("the weights are damaged.", "");
            }
        };
        Assert.Throws<ProtocolException>(() => parties.Predict());
        parties.OnLayer = null;
        AnnounceOnlyAtP0AndP2(parties);
        parties.WaitUntilReady();
        parties.PredictAndCompare();
        parties.Stop(P1);
        parties.Start(P1);
        parties.WaitUntilReady();
        parties.PredictAndCompare();
        Assert.All(parties.Keys.GroupBy(one => one.Key), holders => Assert.True(holders.Count() <= 2, "a key was derived in two sessions"));
        Assert.Equal(9, parties.Keys.Select(one => one.Key).Distinct().Count());
    }

    [Fact]
    public void Fifty_clients_at_once_get_a_result_or_are_told_that_the_queue_is_full()
    {
        using var parties = new ThreeParties();
        parties.WaitUntilReady();
        var outcomes = new ProtocolException?[50];
        Thread[] clients = [.. outcomes.Select((_, i) => new Thread(() =>
        {
            try
            {
                parties.PredictAndCompare();
            }
            catch (ProtocolException e)
            {
                outcomes[i] = e;
            }
        }))];
        Array.ForEach(clients, client => client.Start());
        Array.ForEach(clients, client => client.Join());
        Assert.Contains(null, outcomes);
        Assert.All(outcomes.OfType<ProtocolException>(), refusal => Assert.Contains("are waiting already", refusal.Message, StringComparison.Ordinal));
        parties.PredictAndCompare();
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Full)]
    public void A_thousand_predictions_leave_memory_handles_and_threads_as_they_were()
    {
        using var parties = new ThreeParties(new PartyLimits { Rate = 100_000 });
        parties.WaitUntilReady();
        (long Memory, int Handles, int Threads) Use()
        {
            using var self = Process.GetCurrentProcess();
            return (GC.GetTotalMemory(forceFullCollection: true), Directory.GetFiles("/proc/self/fd").Length, self.Threads.Count);
        }

        for (int i = 0; i < 100; i++)
        {
            parties.PredictAndCompare();
        }

        (long memory, int handles, int threads) = Use();
        for (int i = 0; i < 1000; i++)
        {
            parties.PredictAndCompare();
        }

        (long memoryAfter, int handlesAfter, int threadsAfter) = Use();
        Assert.InRange(memoryAfter, 0, memory + (8 << 20));
        Assert.InRange(handlesAfter, 0, handles + 20);
        Assert.InRange(threadsAfter, 0, threads + 10);
    }

    [Fact]
    public void A_session_id_is_taken_once_also_after_a_restart()
    {
        using var parties = new ThreeParties();
        string id = new('a', 32);
        using (PartyClient client = parties.Client(P0))
        {
            Announce(parties, client, id);
            Assert.Contains("used before", Assert.Throws<ProtocolException>(() => Announce(parties, client, id)).Message, StringComparison.Ordinal);
        }

        parties.Stop(P0);
        parties.Start(P0);
        using PartyClient again = parties.Client(P0);
        Assert.Contains("used before", Assert.Throws<ProtocolException>(() => Announce(parties, again, id)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_party_that_fails_in_a_session_is_named_by_the_others_and_the_next_session_works()
    {
        using var parties = new ThreeParties();
        parties.WaitUntilReady();
        parties.OnLayer = (party, layer) =>
        {
            if (party == P1 && layer == "relu")
            {
                throw new DataFormatException("the weights are damaged.", "");
            }
        };
        string id = RunToTheEnd(parties);
        parties.OnLayer = null;
        Assert.All([P0, P2], party =>
        {
            string failure = Failure(parties, party, id);
            Assert.Contains("party 1", failure, StringComparison.Ordinal);
            Assert.Contains("layer ", failure, StringComparison.Ordinal);
        });
        Assert.Contains("weights are damaged", Failure(parties, P1, id), StringComparison.Ordinal);
        parties.WaitUntilReady();
        parties.PredictAndCompare();
    }

    [Fact]
    public void A_party_that_hangs_is_named_by_both_others_after_the_time_limit()
    {
        using var parties = new ThreeParties(Hasty);
        using var released = new ManualResetEventSlim();
        parties.WaitUntilReady();
        parties.OnLayer = (party, layer) =>
        {
            if (party == P1 && layer == "relu")
            {
                released.Wait(TimeSpan.FromSeconds(30));
            }
        };
        string id = RunToTheEnd(parties, P0, P2);
        parties.OnLayer = null;
        string[] failures = [Failure(parties, P0, id), Failure(parties, P2, id)];
        released.Set();
        Assert.All(failures, failure => Assert.Contains("party 1", failure, StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("sent nothing for 2 s", StringComparison.Ordinal));
        parties.WaitUntilReady();
        parties.PredictAndCompare();
    }

    [Fact]
    public void A_party_that_is_cut_off_ends_the_session_everywhere_and_takes_part_again_after_its_restart()
    {
        using var parties = new ThreeParties();
        using var reached = new ManualResetEventSlim();
        parties.WaitUntilReady();
        parties.OnLayer = (party, layer) =>
        {
            if (party == P1 && layer == "relu")
            {
                reached.Set();
                Thread.Sleep(500);
            }
        };
        var cut = new Thread(() =>
        {
            reached.Wait();
            parties.Kill(P1);
        });
        cut.Start();
        ProtocolException failure = Assert.Throws<ProtocolException>(() => parties.Predict());
        cut.Join();
        Assert.Contains("party 1", failure.Message, StringComparison.Ordinal);
        parties.OnLayer = null;
        parties.Start(P1);
        parties.WaitUntilReady();
        parties.PredictAndCompare();
    }

    [Fact]
    public void A_client_hears_which_party_is_missing_before_it_sends_anything()
    {
        using var parties = new ThreeParties();
        parties.WaitUntilReady();
        ClientKit kit = parties.OpenClientKit();
        using var prediction = new RemotePrediction(kit, new SystemSecureRandom());
        parties.Stop(P2);
        Assert.Contains("party 2", Assert.Throws<ProtocolException>(() => prediction.CheckParties(CancellationToken.None)).Message, StringComparison.Ordinal);
        parties.Start(P2);
        parties.WaitUntilReady();
        parties.PredictAndCompare();
    }

    [Fact]
    public void Different_copies_of_one_slot_are_noticed_before_anything_is_computed()
    {
        using var parties = new ThreeParties();
        parties.WaitUntilReady();
        ClientKit kit = parties.OpenClientKit();
        using var prediction = new RemotePrediction(kit, new SystemSecureRandom());
        byte[][] bodies = prediction.Bodies(new ulong[ThreeParties.Inputs]);
        bodies[1] = prediction.Bodies(new ulong[ThreeParties.Inputs])[1];
        string id = Submit(parties, bodies);
        Assert.Contains("different copies", Failure(parties, P0, id) + Failure(parties, P1, id) + Failure(parties, P2, id), StringComparison.Ordinal);
        Assert.Empty(parties.Keys);
        parties.WaitUntilReady();
        parties.PredictAndCompare();
    }

    [Fact]
    public void A_session_whose_input_is_missing_at_one_party_fails_at_all_and_leaves_the_links_up()
    {
        using var parties = new ThreeParties(Hasty);
        parties.WaitUntilReady();
        string id = AnnounceOnlyAtP0AndP2(parties);
        Assert.All([P0, P2], party => Assert.Contains("party 1 did not get its part of the input", Failure(parties, party, id), StringComparison.Ordinal));
        parties.PredictAndCompare();
        Assert.DoesNotContain("disconnected", parties.Log(P0), StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_of_another_length_are_refused_and_three_of_them_block_the_token()
    {
        using var parties = new ThreeParties();
        parties.WaitUntilReady();
        using PartyClient client = parties.Client(P1);
        for (int i = 0; i < 3; i++)
        {
            string id = NewId();
            Announce(parties, client, id);
            ProtocolException refusal = Assert.Throws<ProtocolException>(() => client.SendInputAsync(id, new byte[100], 0, CancellationToken.None).GetAwaiter().GetResult());
            Assert.Contains($"the input has 100 bytes; expected {PartyApi.InputBytes(P1, ThreeParties.Inputs)}", refusal.Message, StringComparison.Ordinal);
            if (i == 0)
            {
                parties.PredictAndCompare();
            }
        }

        Assert.Contains("blocked", Assert.Throws<ProtocolException>(() => Announce(parties, client, NewId())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_does_not_have_the_hash_it_names_is_refused()
    {
        using var parties = new ThreeParties();
        using PartyClient client = parties.Client(P0);
        string id = NewId();
        Announce(parties, client, id);
        byte[] body = new byte[PartyApi.InputBytes(P0, ThreeParties.Inputs)];
        Assert.Contains("SHA-256", Assert.Throws<ProtocolException>(() => client.SendInputAsync(id, body, 0, CancellationToken.None).GetAwaiter().GetResult()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_that_comes_too_slowly_is_cut_off_and_the_server_goes_on()
    {
        using var parties = new ThreeParties(Hasty);
        parties.WaitUntilReady();
        using PartyClient client = parties.Client(P1);
        string id = NewId();
        Announce(parties, client, id);
        string token = TokenOf(parties, P1);
        Uri address = parties.Http(P1);
        using var tcp = new TcpClient(address.Host, address.Port);
        using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        tls.AuthenticateAsClient("party1");
        tls.Write(Encoding.ASCII.GetBytes($"PUT /v1/sessions/{id}/input HTTP/1.1\r\nHost: party1\r\nAuthorization: Bearer {token}\r\nContent-Length: {PartyApi.InputBytes(P1, ThreeParties.Inputs)}\r\n\r\n123"));
        tcp.ReceiveTimeout = 20_000;
        long start = Stopwatch.GetTimestamp();
        using (var reader = new StreamReader(tls))
        {
            Assert.Contains(" 408 ", reader.ReadLine(), StringComparison.Ordinal);
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(15));
        Assert.Contains("did not come within 1 s", Failure(parties, P1, id), StringComparison.Ordinal);
        parties.PredictAndCompare();
    }

    [Fact]
    public void Nobody_without_the_partys_own_token_gets_past_the_health_page()
    {
        using var parties = new ThreeParties();
        using HttpClient http = Unpinned();
        Uri address = parties.Http(P0);
        Assert.Equal(200, (int)http.GetAsync(new Uri(address, "/v1/health")).Result.StatusCode);
        Assert.Equal(401, (int)http.GetAsync(new Uri(address, "/v1/plan")).Result.StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(parties, P1));
        Assert.Equal(401, (int)http.GetAsync(new Uri(address, "/v1/plan")).Result.StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(parties, P0));
        Assert.Equal(File.ReadAllText(Path.Combine(parties.KitFolder("client"), "plan.json")), http.GetStringAsync(new Uri(address, "/v1/plan")).Result);
    }

    [Fact]
    public void Pages_of_other_origins_are_not_let_in_unless_named()
    {
        using var parties = new ThreeParties { Origins = ["https://hospital.example"] };
        parties.Stop(P0);
        parties.Start(P0);
        using HttpClient http = Unpinned();
        Assert.Equal("https://hospital.example", AllowedOrigin(http, parties.Http(P0), "https://hospital.example"));
        Assert.Null(AllowedOrigin(http, parties.Http(P0), "https://other.example"));
        Assert.Null(AllowedOrigin(http, parties.Http(P1), "https://hospital.example"));
    }

    [Fact]
    public void A_withdrawn_session_is_gone()
    {
        using var parties = new ThreeParties();
        using PartyClient client = parties.Client(P0);
        string id = NewId();
        Announce(parties, client, id);
        client.WithdrawAsync(id, CancellationToken.None).GetAwaiter().GetResult();
        Assert.Contains("no such session", Assert.Throws<ProtocolException>(() => client.StatusAsync(id, 0, CancellationToken.None).GetAwaiter().GetResult()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sessions_run_side_by_side_on_two_lanes()
    {
        using var parties = new ThreeParties(lanes: 2);
        parties.WaitUntilReady();
        using var both = new Barrier(2);
        parties.OnLayer = (party, layer) =>
        {
            if (party == P2 && layer == "dense")
            {
                Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(20)), "the second session did not start while the first one ran");
            }
        };
        Parallel.Invoke(parties.PredictAndCompare, parties.PredictAndCompare);
    }

    [Fact]
    public void A_second_process_cannot_use_the_same_kit()
    {
        using var parties = new ThreeParties();
        Assert.Contains("sessions.journal", Assert.Throws<EnvironmentException>(() => new SessionJournal(Path.Combine(parties.KitFolder("party0"), "sessions.journal"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Logs_name_sessions_by_their_first_digits_and_hold_no_token_and_no_share()
    {
        using var parties = new ThreeParties();
        parties.WaitUntilReady();
        string id = RunToTheEnd(parties);
        foreach (PartyId party in PartyId.All)
        {
            ThreeParties.Until(() => parties.Log(party).Contains("\"state\":\"done\"", StringComparison.Ordinal), "the session is logged");
            string log = parties.Log(party);
            Assert.Contains(id[..8], log, StringComparison.Ordinal);
            Assert.DoesNotContain(id, log, StringComparison.Ordinal);
            Assert.DoesNotContain(TokenOf(parties, party), log, StringComparison.Ordinal);
            Assert.All(log.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal(party.Index, JsonDocument.Parse(line).RootElement.GetProperty("party").GetInt32()));
        }
    }

    private static string? AllowedOrigin(HttpClient http, Uri address, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(address, "/v1/sessions"));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        using HttpResponseMessage response = http.Send(request);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? values) ? values.Single() : null;
    }

    private static HttpClient Unpinned() => new(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } });

    private static string NewId()
    {
        byte[] id = new byte[16];
        new SystemSecureRandom().Fill(id);
        return Convert.ToHexStringLower(id);
    }

    private static string TokenOf(ThreeParties parties, PartyId party)
    {
        using JsonDocument kit = JsonDocument.Parse(File.ReadAllText(Path.Combine(parties.KitFolder("client"), "kit.json")));
        return kit.RootElement.GetProperty("parties")[party.Index].GetProperty("token").GetString()!;
    }

    private static void Announce(ThreeParties parties, PartyClient client, string id)
    {
        ClientKit kit = parties.OpenClientKit();
        client.AnnounceAsync(id, kit.PlanHash, 1, CancellationToken.None).GetAwaiter().GetResult();
    }

    // Announces and sends, without waiting for the result.
    private static string Submit(ThreeParties parties, byte[][]? bodies = null, params PartyId[] at)
    {
        ClientKit kit = parties.OpenClientKit();
        using var prediction = new RemotePrediction(kit, new SystemSecureRandom());
        bodies ??= prediction.Bodies(new ulong[ThreeParties.Inputs]);
        string id = NewId();
        PartyId[] chosen = at.Length > 0 ? at : [P1, P2, P0];
        foreach (PartyId party in chosen)
        {
            using PartyClient client = parties.Client(party);
            Announce(parties, client, id);
        }

        foreach (PartyId party in chosen)
        {
            using PartyClient client = parties.Client(party);
            client.SendInputAsync(id, bodies[party.Index], 0, CancellationToken.None).GetAwaiter().GetResult();
        }

        return id;
    }

    private static string AnnounceOnlyAtP0AndP2(ThreeParties parties)
    {
        string id = Submit(parties, null, P2, P0);
        Failure(parties, P0, id);
        return id;
    }

    private static string RunToTheEnd(ThreeParties parties, params PartyId[] at)
    {
        string id = Submit(parties);
        foreach (PartyId party in at.Length > 0 ? at : [P0, P1, P2])
        {
            using PartyClient client = parties.Client(party);
            Assert.NotEqual("running", client.StatusAsync(id, 20, CancellationToken.None).GetAwaiter().GetResult().State);
        }

        return id;
    }

    private static string Failure(ThreeParties parties, PartyId party, string id)
    {
        using PartyClient client = parties.Client(party);
        SessionStatus status = client.StatusAsync(id, 20, CancellationToken.None).GetAwaiter().GetResult();
        Assert.Equal("failed", status.State);
        return status.Message!;
    }
}
