using System.IO.Compression;
using System.Text.Json;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Safetensors;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>Models in and out: a run of a few steps, exported, inspected, imported again and asked.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-model-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_private_run_leaves_as_onnx_with_its_statement_and_predicts_the_same()
    {
        string run = Train("--target-epsilon", "8", "--delta", "1e-3");
        string file = At("model.onnx");

        CliRun export = CliRun.Of("model", "export", run, "--format", "onnx", "--out", file, "--mpc-ready", "--json");

        Assert.Equal(0, export.ExitCode);
        JsonElement result = export.Json().GetProperty("result");
        Assert.Equal("model export", export.Json().GetProperty("command").GetString());
        Assert.Equal("onnx", result.GetProperty("format").GetString());
        Assert.Equal(file, result.GetProperty("files")[0].GetString());
        Assert.True(result.GetProperty("mpcReady").GetBoolean());
        Assert.InRange(result.GetProperty("maxAbsDifference").GetDouble(), 0, 1e-3);
        Assert.Contains(result.GetProperty("operators").EnumerateArray(), entry => entry.GetProperty("operator").GetString() == "Conv");
        OnnxModel model = OnnxFile.Read(file);
        using (JsonDocument privacy = JsonDocument.Parse(model.Metadata["pellicle.privacy"]))
        {
            Assert.InRange(privacy.RootElement.GetProperty("epsilon").GetDouble(), 7, 8);
            Assert.Equal(1e-3, privacy.RootElement.GetProperty("delta").GetDouble());
        }

        Assert.Contains("1e-3", model.Description, StringComparison.Ordinal); // epsilon never without delta

        string[] pictures = Pictures();
        JsonElement own = CliRun.Of(["predict", run, .. pictures, "--json"]).Json().GetProperty("result").GetProperty("predictions");
        JsonElement exported = CliRun.Of(["predict", file, .. pictures, "--json"]).Json().GetProperty("result").GetProperty("predictions");
        Assert.Equal(pictures.Length, exported.GetArrayLength());
        for (int i = 0; i < pictures.Length; i++)
        {
            Assert.Equal(own[i].GetProperty("predicted").GetString(), exported[i].GetProperty("predicted").GetString());
            Assert.Equal(Probability(own[i]), Probability(exported[i]), 1e-4);
        }

        JsonElement inspected = CliRun.Of("model", "inspect", file, "--json").Json().GetProperty("result");
        Assert.Equal(17, inspected.GetProperty("opset").GetInt32());
        Assert.True(inspected.GetProperty("mpcReady").GetBoolean());
        Assert.Contains("pellicle.privacyStatement", inspected.GetProperty("metadata").EnumerateObject().Select(text => text.Name));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_bundle_holds_everything_and_a_private_model_without_its_statement_stays()
    {
        string run = Train("--noise-multiplier", "1", "--delta", "1e-3");
        string bundle = At("model.zip");

        Assert.Equal(0, CliRun.Of("model", "export", run, "--format", "bundle", "--out", bundle).ExitCode);

        using (ZipArchive zip = ZipFile.OpenRead(bundle))
        {
            Assert.Equal(["README.md", "metadata.json", "model.onnx", "model.safetensors", "privacy.json"], zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        }

        Assert.False(File.Exists(bundle + ".onnx.tmp"));
        File.Delete(Path.Combine(run, "privacy.json"));
        CliRun refused = CliRun.Of("model", "export", run, "--json");
        Assert.Equal(4, refused.ExitCode);
        Assert.Equal("privacyRefused", refused.Json().GetProperty("error").GetProperty("kind").GetString());
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Weights_of_a_run_come_back_as_a_model_folder_that_predicts_the_same()
    {
        string run = Train("--non-private");
        string weights = At("weights.safetensors");
        string folder = At("imported");
        Assert.Equal(0, CliRun.Of("model", "export", run, "--format", "safetensors", "--out", weights).ExitCode);

        CliRun import = CliRun.Of("model", "import", weights, "--classes", "a,b", "--mean", "0.5,0.5,0.5", "--std", "0.5,0.5,0.5", "--out", folder, "--json");

        Assert.Equal(0, import.ExitCode);
        Assert.Empty(import.Json().GetProperty("result").GetProperty("missingKeys").EnumerateArray());
        string[] pictures = Pictures();
        JsonElement own = CliRun.Of(["predict", run, pictures[0], "--json"]).Json().GetProperty("result").GetProperty("predictions")[0];
        JsonElement imported = CliRun.Of(["predict", folder, pictures[0], "--json"]).Json().GetProperty("result").GetProperty("predictions")[0];
        Assert.Equal(Probability(own), Probability(imported), 1e-6);
        Assert.Equal(2, CliRun.Of("model", "import", weights, "--out", folder).ExitCode);
    }

    [Fact]
    public void Inspect_lists_names_that_belong_to_no_parameter()
    {
        string file = At("odd.safetensors");
        SafetensorsFile.Write(file, [NamedArray.Of("fc2.weight", [10, 32], new float[320]), NamedArray.Of("conv1.weight", [16, 1, 8, 8], new float[1024]), NamedArray.Of("odd", [2], new float[2])]);

        JsonElement result = CliRun.Of("model", "inspect", file, "--as", "cnn_mnist", "--json").Json().GetProperty("result");

        Assert.Equal(["odd"], result.GetProperty("unmatchedKeys").EnumerateArray().Select(key => key.GetString()));
        Assert.Contains("fc1.weight", result.GetProperty("missingKeys").EnumerateArray().Select(key => key.GetString()));
        Assert.Equal(1346, result.GetProperty("parameters").GetInt64());
    }

    [Fact]
    public void Pickles_and_files_without_a_contract_are_refused_with_the_remedy()
    {
        string pickle = At("model.pth");
        File.WriteAllBytes(pickle, [0x80, 2]);
        CliRun refused = CliRun.Of("model", "inspect", pickle);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("save_file", refused.Error, StringComparison.Ordinal);

        string bare = At("bare.onnx");
        OnnxFile.Write(bare, Bare());
        CliRun unknown = CliRun.Of("predict", bare, At("any.png"));
        Assert.Equal(3, unknown.ExitCode);
        Assert.Contains("model import", unknown.Error, StringComparison.Ordinal);

        string named = At("named.onnx");
        Assert.Equal(0, CliRun.Of("model", "import", bare, "--classes", "a,b,c", "--mean", "0.1,0.2,0.3", "--std", "1,1,1", "--out", named).ExitCode);
        Assert.Equal("[\"a\",\"b\",\"c\"]", OnnxFile.Read(named).Metadata["pellicle.classes"]);
        Assert.Equal(3, CliRun.Of("model", "import", bare, "--classes", "a", "--mean", "0.1", "--std", "1", "--out", At("other.onnx")).ExitCode);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private string Train(params string[] privacy)
    {
        string pack = At("images.zip");
        Assert.Equal(0, CliRun.Of("data", "synth", "--images", "60", "--size", "16", "--out", pack).ExitCode);
        string run = At("run");
        Assert.Equal(0, CliRun.Of(["train", "--data", pack, "--image-size", "16", "--batch", "20", "--steps", "2", .. privacy, "--out", run, "--quiet"]).ExitCode);
        return run;
    }

    private string[] Pictures()
    {
        using ZipArchive zip = ZipFile.OpenRead(At("images.zip"));
        return
        [
            .. zip.Entries.Where(entry => entry.FullName.EndsWith(".png", StringComparison.Ordinal) || entry.FullName.EndsWith(".jpg", StringComparison.Ordinal)).Take(2).Select(entry =>
            {
                string file = At(entry.Name);
                entry.ExtractToFile(file, overwrite: true);
                return file;
            }),
        ];
    }

    private static double Probability(JsonElement prediction) => prediction.GetProperty("probabilities")[0].GetProperty("probability").GetDouble();

    private static OnnxModel Bare()
    {
        var builder = new OnnxGraphBuilder("x", 3, 4, 4);
        OnnxSymbol means = builder.Add("pool", "GlobalAveragePool", [builder.Input.Name], [3, 1, 1]);
        return new OnnxModel { Opsets = new Dictionary<string, long> { [""] = 17 }, Graph = builder.Build(builder.Add("flat", "Flatten", [means.Name], [3]), "y") };
    }
}
