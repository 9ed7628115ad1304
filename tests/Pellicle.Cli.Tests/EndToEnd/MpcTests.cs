using System.Security.Cryptography;
using System.Text.Json;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Zip;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>Plans and encrypted predictions of a small graph, from the command line.</summary>
public sealed class MpcTests : IDisposable
{
    private const int Side = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-mpc-").FullName;
    private readonly SeededRandom _random = new(3);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_plan_tells_cost_guarantee_and_leaks_and_its_hash_is_that_of_its_file()
    {
        string model = Model(), file = At("kit/plan.json");

        CliRun run = CliRun.Of("mpc", "plan", model, "--calibrate", Images(40), "--out", file, "--json");

        Assert.Equal(0, run.ExitCode);
        JsonElement result = run.Json().GetProperty("result");
        Assert.Equal("mpc plan", run.Json().GetProperty("command").GetString());
        Assert.Equal(file, result.GetProperty("planFile").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), result.GetProperty("planHash").GetString());
        Assert.Equal(3, result.GetProperty("parties").GetInt32());
        Assert.Equal("semiHonest", result.GetProperty("threatModel").GetProperty("corruption").GetString());
        Assert.True(result.GetProperty("threatModel").GetProperty("honestMajority").GetBoolean());
        Assert.Equal(16, result.GetProperty("fractionalBits").GetInt32());
        Assert.Equal(["Conv", "Relu", "Gemm"], result.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("operator").GetString()));
        Assert.Equal(result.GetProperty("bytes").GetInt64(), result.GetProperty("layers").EnumerateArray().Sum(layer => layer.GetProperty("bytes").GetInt64()));
        Assert.Equal(JsonValueKind.Null, result.GetProperty("kits").ValueKind);
        Assert.Contains(result.GetProperty("leaks").EnumerateArray(), leak => leak.GetString()!.Contains("sign width", StringComparison.Ordinal));
        Assert.InRange(result.GetProperty("calibration").GetProperty("maxAbsDeviation").GetDouble(), 0, 1e-3);
        Assert.True(result.GetProperty("estimate").GetProperty("wanSeconds").GetDouble() > result.GetProperty("estimate").GetProperty("lanSeconds").GetDouble());
        Assert.Empty(run.Json().GetProperty("warnings").EnumerateArray());

        CliRun again = CliRun.Of("mpc", "plan", model, "--calibrate", Images(40), "--out", file);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("exists already", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_with_a_folder_writes_kits_which_are_replaced_only_when_asked_for()
    {
        string model = Model(), kits = At("kits"), images = Images(40), own = At("own");
        string certificate = CliRun.Of("mpc", "party", "--init", own, "--id", "2", "--json").Json().GetProperty("result").GetProperty("certificate").GetString()!;

        CliRun run = CliRun.Of("mpc", "plan", model, "--calibrate", images, "--out", kits, "--party-certificate", $"2={certificate}", "--json");

        Assert.Equal(0, run.ExitCode);
        JsonElement result = run.Json().GetProperty("result");
        Assert.Equal(kits, result.GetProperty("kits").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(result.GetProperty("planFile").GetString()!))), result.GetProperty("planHash").GetString());
        Assert.Contains(run.Json().GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.Contains("keys and weight shares of all parties", StringComparison.Ordinal));
        Assert.Equal(["client", "owner", "party0", "party1", "party2"], Directory.GetDirectories(kits).Select(Path.GetFileName).Order());
        Assert.True(File.Exists(Path.Combine(kits, "party1", "party.key")));
        Assert.False(File.Exists(Path.Combine(kits, "party2", "party.key")));

        CliRun again = CliRun.Of("mpc", "plan", model, "--calibrate", images, "--out", kits);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("never written over silently", again.Error, StringComparison.Ordinal);
        Assert.Equal(0, CliRun.Of("mpc", "plan", model, "--calibrate", images, "--out", kits, "--yes").ExitCode);
    }

    [Theory]
    [InlineData("--id 1", "--plan is missing")]
    [InlineData("--plan p.json", "--id is missing")]
    [InlineData("--plan p.json --id 3", "--id is '3'")]
    [InlineData("--plan p.json --id 1 --peer 0", "--peer is '0'")]
    [InlineData("--plan p.json --id 1 --listen here:7101", "--listen is 'here:7101'")]
    [InlineData("--plan p.json --id 1 --http 127.0.0.1", "--http is '127.0.0.1'")]
    [InlineData("--plan p.json --id 1 --timeout 0", "--timeout is '0'")]
    public void Options_of_a_party_are_checked_before_it_starts(string options, string message)
    {
        CliRun run = CliRun.Of(["mpc", "party", .. options.Split(' ')]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--plan p.json a.png --local", "--plan and --local cannot be used together")]
    [InlineData("--plan p.json", "no image was given")]
    [InlineData("--plan p.json a.png --party 0=here", "--party is '0=here'")]
    [InlineData("m.onnx a.png --party 0=https://here:1", "--party needs --plan")]
    public void Options_of_a_client_are_checked_before_it_calls(string options, string message)
    {
        CliRun run = CliRun.Of(["mpc", "predict", .. options.Split(' ')]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encrypted_prediction_names_the_class_that_the_plain_graph_names_at_the_planned_cost()
    {
        string model = Model(), images = Images(40);
        JsonElement plan = CliRun.Of("mpc", "plan", model, "--calibrate", images, "--json").Json().GetProperty("result");

        CliRun run = CliRun.Of("mpc", "predict", model, Images(2), "--local", "--calibrate", images, "--compare-plain", "--json");

        Assert.Equal(0, run.ExitCode);
        JsonElement result = run.Json().GetProperty("result");
        Assert.Equal("replicated3", result.GetProperty("protocol").GetString());
        Assert.True(result.GetProperty("local").GetBoolean());
        Assert.Equal(plan.GetProperty("planHash").GetString(), result.GetProperty("planHash").GetString());
        Assert.Equal(2, result.GetProperty("predictions").GetArrayLength());
        Assert.All(result.GetProperty("plain").EnumerateArray(), plain =>
        {
            Assert.True(plain.GetProperty("sameTop1").GetBoolean());
            Assert.InRange(plain.GetProperty("maxAbsDifference").GetDouble(), 0, 1e-3);
        });
        JsonElement first = result.GetProperty("predictions")[0];
        Assert.Equal(1, first.GetProperty("probabilities").EnumerateArray().Sum(one => one.GetProperty("probability").GetDouble()), 1e-9);
        Assert.Equal(first.GetProperty("predicted").GetString(), first.GetProperty("probabilities")[0].GetProperty("class").GetString());
        JsonElement cost = result.GetProperty("cost");
        Assert.Equal(plan.GetProperty("rounds").GetInt64(), cost.GetProperty("roundsOnline").GetInt64());
        Assert.Equal(plan.GetProperty("bytes").GetInt64(), cost.GetProperty("bytesOnline").GetInt64());
        Assert.Equal(cost.GetProperty("bytesOnline").GetInt64(), cost.GetProperty("bytesPerParty").EnumerateArray().Sum(party => party.GetInt64()));
        Assert.Equal(0, cost.GetProperty("bytesOffline").GetInt64());
        Assert.Equal(2, cost.GetProperty("iterations").GetArrayLength());
        Assert.Equal(cost.GetProperty("bytesOnline").GetInt64(), result.GetProperty("layers").EnumerateArray().Sum(layer => layer.GetProperty("bytes").GetInt64()));
        Assert.Equal("loopback", result.GetProperty("network").GetProperty("kind").GetString());
        Assert.Equal(["logits to client"], result.GetProperty("revealed").EnumerateArray().Select(text => text.GetString()));
    }

    [Theory]
    [InlineData("--local")]
    [InlineData("--in-process")]
    public void Securenn_predicts_as_the_plain_graph_at_the_planned_cost_and_states_how_often_rounding_fails(string way)
    {
        string model = Model(), images = Images(40);
        JsonElement plan = CliRun.Of("mpc", "plan", model, "--protocol", "securenn", "--calibrate", images, "--json").Json().GetProperty("result");
        Assert.InRange(plan.GetProperty("expectedSpoiledValues").GetDouble(), 1e-12, 1e-3);

        CliRun run = CliRun.Of("mpc", "predict", model, Images(1), "--protocol", "securenn", way, "--calibrate", images, "--compare-plain", "--json");

        Assert.Equal(0, run.ExitCode);
        JsonElement result = run.Json().GetProperty("result");
        Assert.Equal("securenn", result.GetProperty("protocol").GetString());
        Assert.Equal(13, result.GetProperty("fractionalBits").GetInt32());
        Assert.Equal(3, result.GetProperty("parties").GetInt32());
        Assert.True(result.GetProperty("plain")[0].GetProperty("sameTop1").GetBoolean());
        Assert.InRange(result.GetProperty("plain")[0].GetProperty("maxAbsDifference").GetDouble(), 0, 8e-3);
        Assert.Equal(plan.GetProperty("planHash").GetString(), result.GetProperty("planHash").GetString());
        Assert.Equal(plan.GetProperty("rounds").GetInt64(), result.GetProperty("cost").GetProperty("roundsOnline").GetInt64());
        Assert.Equal(plan.GetProperty("bytes").GetInt64(), result.GetProperty("cost").GetProperty("bytesOnline").GetInt64());
    }

    [Theory]
    [InlineData("--local")]
    [InlineData("--in-process")]
    public void Masked_predicts_as_the_plain_graph_at_the_planned_cost_and_tells_what_is_prepared_ahead(string way)
    {
        string model = Model(), images = Images(40);
        JsonElement plan = CliRun.Of("mpc", "plan", model, "--protocol", "masked", "--calibrate", images, "--json").Json().GetProperty("result");
        Assert.Equal(JsonValueKind.Null, plan.GetProperty("expectedSpoiledValues").ValueKind);

        CliRun run = CliRun.Of("mpc", "predict", model, Images(1), "--protocol", "masked", way, "--calibrate", images, "--compare-plain", "--json");

        Assert.Equal(0, run.ExitCode);
        JsonElement result = run.Json().GetProperty("result"), cost = result.GetProperty("cost");
        Assert.Equal("masked", result.GetProperty("protocol").GetString());
        Assert.Equal(16, result.GetProperty("fractionalBits").GetInt32());
        Assert.True(result.GetProperty("plain")[0].GetProperty("sameTop1").GetBoolean());
        Assert.InRange(result.GetProperty("plain")[0].GetProperty("maxAbsDifference").GetDouble(), 0, 1e-3);
        Assert.Equal(plan.GetProperty("planHash").GetString(), result.GetProperty("planHash").GetString());
        Assert.Equal(plan.GetProperty("rounds").GetInt64(), cost.GetProperty("roundsOnline").GetInt64());
        Assert.Equal(1, cost.GetProperty("roundsOffline").GetInt64());
        Assert.Equal(plan.GetProperty("bytes").GetInt64(), cost.GetProperty("bytesOnline").GetInt64() + cost.GetProperty("bytesOffline").GetInt64());
        Assert.Equal(cost.GetProperty("bytesPerParty")[2].GetInt64(), cost.GetProperty("bytesOffline").GetInt64());
    }

    [Fact]
    public void The_options_of_other_demos_mean_the_same()
    {
        string model = Model(), images = Images(3);

        JsonElement result = CliRun.Of("mpc", "predict", "--protocol-name", "replicated3", "--model", model, "--input_file", images, "-b", "3", "--iterations", "4", "--fractional-bits", "13", "--simulate-network", "1ms,1gbit", "--json").Json().GetProperty("result");

        Assert.Equal(13, result.GetProperty("fractionalBits").GetInt32());
        Assert.Equal(3, result.GetProperty("predictions").GetArrayLength());
        Assert.Equal(4, result.GetProperty("cost").GetProperty("iterations").GetArrayLength());
        Assert.Equal("simulated", result.GetProperty("network").GetProperty("kind").GetString());
        Assert.Equal(1, result.GetProperty("network").GetProperty("rttMs").GetDouble());
        Assert.True(result.GetProperty("cost").GetProperty("secondsOnline").GetDouble() > result.GetProperty("cost").GetProperty("roundsOnline").GetInt64() * 0.0005);
    }

    [Fact]
    public void Images_of_a_batch_that_is_not_full_are_predicted_as_alone()
    {
        string model = Model(), images = Images(5);

        JsonElement alone = CliRun.Of("mpc", "predict", model, images, "--plaintext", "--json").Json().GetProperty("result");
        JsonElement batches = CliRun.Of("mpc", "predict", model, "--data-dir", Path.GetDirectoryName(images)!, "--batch-size", "2", "--in-process", "--json").Json().GetProperty("result");

        Assert.Equal("plain", alone.GetProperty("protocol").GetString());
        Assert.Equal("none", alone.GetProperty("threatModel").GetProperty("corruption").GetString());
        Assert.Equal(5, batches.GetProperty("predictions").GetArrayLength());
        for (int i = 0; i < 5; i++)
        {
            double[] expected = Logits(alone, i), got = Logits(batches, i);
            Assert.All(expected, (value, k) => Assert.Equal(value, got[k], 1e-3));
        }
    }

    [Fact]
    public void Where_only_the_class_is_revealed_no_logit_comes_out()
    {
        string model = Model(), images = Images(6);

        JsonElement logits = CliRun.Of("mpc", "predict", model, images, "--in-process", "--json").Json().GetProperty("result");
        JsonElement result = CliRun.Of("mpc", "predict", model, images, "--reveal", "class", "--batch-size", "3", "--compare-plain", "--json").Json().GetProperty("result");

        Assert.Equal(["class to client"], result.GetProperty("revealed").EnumerateArray().Select(text => text.GetString()));
        Assert.All(result.GetProperty("predictions").EnumerateArray().Zip(logits.GetProperty("predictions").EnumerateArray()), pair =>
        {
            Assert.Equal(pair.Second.GetProperty("predicted").GetString(), pair.First.GetProperty("predicted").GetString());
            Assert.Equal(JsonValueKind.Null, pair.First.GetProperty("logits").ValueKind);
            Assert.Equal(JsonValueKind.Null, pair.First.GetProperty("probabilities").ValueKind);
        });
        Assert.All(result.GetProperty("plain").EnumerateArray(), plain => Assert.True(plain.GetProperty("sameTop1").GetBoolean()));
        Assert.Equal("ArgMax", result.GetProperty("layers").EnumerateArray().Last().GetProperty("operator").GetString());
    }

    [Fact]
    public void Without_calibration_the_ranges_are_guessed_and_the_user_is_warned()
    {
        CliRun run = CliRun.Of("mpc", "predict", Model(), Images(1), "--in-process");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("warning: ranges come from synthetic images", run.Error, StringComparison.Ordinal);
        Assert.Contains("if at most one of the three servers is curious", run.Output, StringComparison.Ordinal);
        Assert.Contains("its owner sees everything", run.Output, StringComparison.Ordinal);
        Assert.Contains("Becomes known: layer types and shapes", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pond", "another program's protocol")]
    [InlineData("none", "expected replicated3, securenn, masked or plain")]
    public void Protocols_that_are_not_there_are_refused_as_usage(string protocol, string message)
    {
        CliRun run = CliRun.Of("mpc", "predict", Model(), Images(1), "--protocol", protocol, "--simulate-network", "fast");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Contains("--simulate-network is 'fast'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_and_images_that_do_not_fit_are_refused_with_a_remedy()
    {
        string odd = Save("odd.onnx", builder => builder.Add("sharp", "Exp", [builder.Input.Name], [1, Side, Side]));
        string wrong = At("wrong.npy");
        NpyFile.Write(wrong, NpyArray.From<float>(new float[25], [5, 5]));

        CliRun refused = CliRun.Of("mpc", "plan", odd), missing = CliRun.Of("mpc", "predict", Model()), other = CliRun.Of("mpc", "predict", Model(), wrong);

        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("Exp", refused.Error, StringComparison.Ordinal);
        Assert.Contains("hint:", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("no image was given", missing.Error, StringComparison.Ordinal);
        Assert.Equal(3, other.ExitCode);
        Assert.Contains("[5, 5]; expected [1, 6, 6]", other.Error, StringComparison.Ordinal);
    }

    [SharedFact("data/onnx-models.zip")]
    [Trait(Speed.Trait, Speed.Full)]
    public void SqueezeNet_names_its_published_picture_under_encryption()
    {
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate("data/onnx-models.zip"));
        string model = At("squeezenet.onnx"), picture = At("fish.png"), array = At("fish.npy");
        File.WriteAllBytes(model, Content(zip, "squeezenet-fp16/model.onnx"));
        File.WriteAllBytes(picture, Content(zip, "squeezenet-fp16/fish.png"));
        RawImage fish = ImageFile.Read(picture);
        int plane = fish.Width * fish.Height;
        NpyFile.Write(array, NpyArray.From<float>([.. Enumerable.Range(0, 3 * plane).Select(i => (float)fish.Bytes[(3 * (i % plane)) + 2 - (i / plane)])], [1, 3, fish.Height, fish.Width])); // planes B, G, R

        CliRun run = CliRun.Of("mpc", "predict", model, array, "--calibrate", array, "--compare-plain", "--in-process", "--json");

        Assert.Equal(0, run.ExitCode);
        JsonElement result = run.Json().GetProperty("result"), plain = result.GetProperty("plain")[0];
        double[] published = [.. System.Text.Encoding.ASCII.GetString(Content(zip, "squeezenet-fp16/expected-fp32-model-cpu.csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => double.Parse(line.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture))];
        JsonElement first = result.GetProperty("predictions")[0].GetProperty("probabilities")[0];
        Assert.Equal($"class {Array.IndexOf(published, published.Max())}", first.GetProperty("class").GetString());
        Assert.Equal(published.Max(), first.GetProperty("probability").GetDouble(), 0.01); // half precision rounds the weights
        Assert.True(plain.GetProperty("sameTop1").GetBoolean());
        Assert.InRange(plain.GetProperty("maxAbsDifference").GetDouble(), 0, 0.1); // the executor rounds every operator to half precision
    }

    private static byte[] Content(ZipEntries zip, string name) => zip.Read(zip.Entries.Single(entry => entry.Name == name));

    private static double[] Logits(JsonElement result, int image) => [.. result.GetProperty("predictions")[image].GetProperty("logits").EnumerateArray().Select(value => value.GetDouble())];

    private string At(string name) => Path.Combine(_folder, name);

    private string Images(int count)
    {
        string file = At($"images{count}/array.npy");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        NpyFile.Write(file, NpyArray.From<float>([.. Enumerable.Range(0, count * Side * Side).Select(_ => (float)((2 * _random.NextDouble()) - 1))], [count, 1, Side, Side]));
        return file;
    }

    private string Model() => Save("model.onnx", builder =>
    {
        OnnxSymbol h = builder.Add("conv", "Conv", [builder.Input.Name, Weight(builder, "w", 4, 1, 3, 3), Weight(builder, "b", 4)], [4, Side, Side], ("pads", new long[] { 1, 1, 1, 1 }));
        h = builder.Add("relu", "Relu", [h.Name], h.Shape);
        h = builder.Add("flat", "Flatten", [h.Name], [4 * Side * Side]);
        return builder.Add("fc", "Gemm", [h.Name, Weight(builder, "v", 3, 4 * Side * Side), Weight(builder, "c", 3)], [3], ("transB", 1L));
    });

    private string Save(string name, Func<OnnxGraphBuilder, OnnxSymbol> build)
    {
        var builder = new OnnxGraphBuilder("x", 1, Side, Side);
        OnnxSymbol last = build(builder);
        string file = At(name);
        File.WriteAllBytes(file, OnnxFile.ToBytes(new OnnxModel { IrVersion = 8, Opsets = new Dictionary<string, long> { [""] = 17 }, Graph = builder.Build(last, "y") }));
        return file;
    }

    private static string Weight(OnnxGraphBuilder builder, string name, params long[] shape)
    {
        var random = new SeededRandom((ulong)name[0]);
        int count = (int)shape.Aggregate(1L, (product, size) => product * size), depth = Math.Max(1, count / (int)shape[0]);
        return builder.Constant(name, OnnxTensor.Of([.. Enumerable.Range(0, count).Select(_ => (float)(random.NextGaussian() / Math.Sqrt(depth)))], shape));
    }
}
