using System.Security.Cryptography;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Mpc.Protocols.Replicated3;

namespace Pellicle.Mpc.Tests.Compiler;

public sealed class MpcPlanFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-plan-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_plan_read_back_is_the_plan_and_its_hash_is_that_of_the_file()
    {
        MpcPlan plan = Plan(out _, out _);
        string file = Path.Combine(_folder, "kit", "plan.json");

        MpcPlanFile.Write(file, plan);
        MpcPlan read = MpcPlanFile.Read(file);

        Assert.Equal(plan.Hash, read.Hash);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), read.Hash);
        Assert.Equal(plan.Layers.Select(layer => (layer.Name, layer.Operator, layer.Rounds, layer.Bytes)), read.Layers.Select(layer => (layer.Name, layer.Operator, layer.Rounds, layer.Bytes)));
        Assert.Equal(["malignant", "benign", "other"], read.Classes);
        Assert.Equal([0.5f, 0.25f], read.Input.Mean!);
        Assert.Equal(plan.Bytes, read.Layers.Sum(layer => layer.Messages.Sum(message => message.Bytes)));
    }

    [Fact]
    public void A_plan_holds_no_weight_and_the_network_read_from_it_runs_on_shares()
    {
        MpcPlan plan = Plan(out Network network, out float[] image);
        MpcPlan read = MpcPlanFile.Parse(plan.ToBytes(), "plan.json");
        Network blind = read.ToNetwork();
        var random = new SystemSecureRandom();
        var scheme = new ReplicatedShares();
        SharedTensor[][][] weights = [.. network.Layers.Select(layer => layer.SecretShapes(plan.Point).Zip(layer.SecretValues(), (shape, values) => scheme.Split(new FixedPoint(shape.Scale).Encode(values), random)).ToArray())];
        SharedTensor[] input = scheme.Split(plan.Point.Encode(image), random);

        Assert.All(blind.Layers.Where(layer => layer.SecretShapes(plan.Point).Count > 0), layer => Assert.Throws<InvalidOperationException>(() => layer.SecretValues()));
        using var parties = new LoopbackParties(read.Id, random, TimeSpan.FromSeconds(60));
        SharedTensor[] logits = parties.Run(protocol => new SharedNetwork(blind, read.Ranges, [.. weights.Select(layer => (IReadOnlyList<SharedTensor>)[.. layer.Select(secret => secret[protocol.Self.Index])])], read.Point)
            .Run(protocol, input[protocol.Self.Index]).Logits);

        double[] expected = network.Compute(image)[^1], got = read.Point.Decode(scheme.Combine(logits));
        Assert.All(expected, (value, i) => Assert.InRange(got[i], value - 2e-3, value + 2e-3));
    }

    [Theory]
    [InlineData("\"signWidth\":24", "\"signWidth\":20", null)]
    [InlineData("\"version\":2", "\"version\":9", "version 9; expected 2")]
    [InlineData("\"fractionalBits\":16", "\"fractionalBits\":99", "99 fractional bits")]
    [InlineData("\"outputCount\":512", "\"outputCount\":511", "changed afterwards")]
    [InlineData("\"channels\":2,", "\"channels\":2000000000,", "no plan of this version")]
    [InlineData("\"kind\":\"pool\"", "\"kind\":\"spool\"", "no plan of this version")]
    [InlineData("{\"version\"", "{ \"version\"", "changed afterwards")]
    public void A_changed_plan_is_refused_or_has_another_hash(string from, string to, string? refusal)
    {
        MpcPlan plan = Plan(out _, out _);
        string text = Encoding.UTF8.GetString(plan.ToBytes());
        Assert.Contains(from, text, StringComparison.Ordinal);
        byte[] changed = Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));

        if (refusal is null)
        {
            Assert.NotEqual(plan.Hash, MpcPlanFile.Parse(changed, "plan.json").Hash);
        }
        else
        {
            Assert.Contains(refusal, Assert.Throws<DataFormatException>(() => MpcPlanFile.Parse(changed, "plan.json")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Cut_files_are_refused()
    {
        byte[] bytes = Plan(out _, out _).ToBytes();
        for (int length = 0; length < bytes.Length; length += 997)
        {
            Assert.Throws<DataFormatException>(() => MpcPlanFile.Parse(bytes.AsSpan(0, length), "plan.json"));
        }
    }

    [Theory]
    [InlineData("aby3", "another program's protocol")]
    [InlineData("masked", "not in this version")]
    [InlineData("homomorphic", "expected replicated3, securenn or plain")]
    public void Unknown_protocols_are_refused_with_a_hint(string name, string message)
    {
        UsageException refusal = Assert.Throws<UsageException>(() => MpcProtocols.Parse(name));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--protocol replicated3", refusal.Hint, StringComparison.Ordinal);
    }

    private static MpcPlan Plan(out Network network, out float[] image)
    {
        network = SmallNetworks.EveryKind(out Func<ulong, float[]> images);
        image = images(5);
        return MpcCompiler.Compile(network, [image, images(6)], new PlanOptions
        {
            Classes = ["malignant", "benign", "other"],
            Input = new InputContract([2, 8, 8]) { Mean = [0.5f, 0.25f], Std = [1, 1], ColourOrder = "rgb", Resize = "stretch" },
        });
    }
}
