using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Client;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Links;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Mpc.Tests.Compiler;

namespace Pellicle.Mpc.Tests.Party;

public sealed class RemotePartiesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-remote-").FullName;
    private readonly List<PartyServer> _servers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Thread> _threads = [];

    [Fact]
    public void A_planned_network_gives_the_same_logits_at_three_servers_as_in_one_process_and_costs_what_the_plan_says()
    {
        Network network = SmallNetworks.EveryKind(out Func<ulong, float[]> image);
        MpcPlan plan = MpcCompiler.Compile(network, [.. Enumerable.Range(0, 4).Select(i => image((ulong)i))]);
        using RemoteParties remote = Start(network, plan);
        using LocalPrediction local = SmallNetworks.Parties(network, plan);
        for (ulong i = 10; i < 12; i++)
        {
            PartyRun there = remote.Predict(image(i)), here = local.Predict(image(i));

            // The truncations round to either side of a unit: results differ by a few units of 2^-16 at most.
            Assert.All(there.Logits.Zip(here.Logits), pair => Assert.Equal(pair.First, pair.Second, 0.01));
            Assert.Equal(plan.Rounds, there.Traffic.Rounds);
            Assert.Equal(plan.Bytes, there.Traffic.Bytes);
            Assert.Equal(plan.Layers.Select(layer => (layer.Name, layer.Bytes)), there.Layers.Select(layer => (layer.Name, layer.Bytes)));
        }
    }

    [Theory]
    [InlineData(MpcProtocol.SecureNn, 13)]
    [InlineData(MpcProtocol.Masked, 16)]
    public void Three_servers_run_a_protocol_whose_third_party_gets_neither_input_nor_result(MpcProtocol protocol, int fractionalBits)
    {
        Network network = Contract.SecureNnContractTests.Classifier();
        float[][] images = [.. Enumerable.Range(0, 3).Select(i => SmallNetworks.Noise(network.InputCount, (ulong)i, 1))];
        var options = new PlanOptions { Protocol = protocol, FractionalBits = fractionalBits };
        MpcPlan plan = MpcCompiler.Compile(network, images, options);
        using RemoteParties remote = Start(network, plan);
        using LocalPrediction local = SmallNetworks.Parties(network, plan);
        foreach (float[] image in images)
        {
            PartyRun there = remote.Predict(image), here = local.Predict(image);
            Assert.All(there.Logits.Zip(here.Logits), pair => Assert.Equal(pair.First, pair.Second, 0.01));
            Assert.Equal(plan.Rounds, there.Traffic.Rounds);
            Assert.Equal(plan.Bytes, there.Traffic.Bytes);
        }

        Assert.Equal(0, Http.PartyApi.InputBytes(new PartyId(2), network.InputCount, protocol));

        // The helper's folder holds the seed of the masks, and no share of a weight.
        Assert.Equal(["weights.seed1"], Directory.GetFiles(Path.Combine(_folder, "kits", "party2"), "weights.*").Select(Path.GetFileName));
    }

    [Fact]
    public void An_input_of_another_size_is_refused_before_anything_is_sent()
    {
        Network network = SmallNetworks.EveryKind(out Func<ulong, float[]> image);
        MpcPlan plan = MpcCompiler.Compile(network, [image(0)]);
        using RemoteParties remote = Start(network, plan);
        Assert.Throws<DataFormatException>(() => remote.Predict(new float[3]));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _threads.ForEach(thread => thread.Join());
        _servers.ForEach(server => server.Dispose());
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private RemoteParties Start(Network network, MpcPlan plan)
    {
        string kits = Path.Combine(_folder, "kits");
        new KitWriter(new SystemSecureRandom(), TimeProvider.System).Write(kits, KitRequest.Of(network, plan));
        foreach (PartyId party in PartyId.All)
        {
            var kit = PartyKit.Open(Path.Combine(kits, KitWriter.FolderOf(party)), party);
            MpcPlan own = MpcPlanFile.Parse(kit.Plan.Span, "plan.json");
            var program = PartyProgram.Of(own, kit.ReadWeights([.. own.Layers.SelectMany(layer => layer.Secrets).Select(secret => secret.Count)]), TimeProvider.System);
            var options = new PartyServerOptions
            {
                Listen = new PeerAddress("127.0.0.1", 0),
                Http = new PeerAddress("127.0.0.1", 0),
                IsPlainHttp = party.Index == 2,
                Peers = _servers.Select((server, i) => (server, i)).ToDictionary(pair => new PartyId(pair.i), pair => pair.server.Address),
            };
            var server = new PartyServer(kit, program, options, new SystemSecureRandom(), TimeProvider.System, TextWriter.Null);
            _servers.Add(server);
            var thread = new Thread(() => server.Run(_stop.Token)) { IsBackground = true };
            _threads.Add(thread);
            thread.Start();
            ThreeParties.Until(() => server.HttpAddress is not null, "the server listens");
        }

        ClientKit client = ClientKit.Open(Path.Combine(kits, "client", "plan.json"), PartyId.All.ToDictionary(party => party, party => _servers[party.Index].HttpAddress!));
        var remote = new RemoteParties(client, MpcPlanFile.Parse(client.Plan.Span, "plan.json"), new SystemSecureRandom(), TimeProvider.System, CancellationToken.None);
        remote.WaitUntilReady(TimeSpan.FromSeconds(60));
        return remote;
    }
}
