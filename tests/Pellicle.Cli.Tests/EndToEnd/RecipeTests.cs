namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>Recipes and scattering networks as a user meets them.</summary>
public sealed class RecipeTests : IDisposable
{
    private const string Skin = "recipe: { summary: painted skin, classes: [benign, malignant] }\nmodel: { name: scatter_linear, imageSize: 16, scatteringAngles: 4 }\n"
        + "train: { batch: 40, steps: 6, optimizer: sgd, lr: 4, momentum: 0.9, schedule: cosine, ema: 0.5 }\nprivacy: { maxGradNorm: 0.3 }\nepsilon: { 0-5: { train.lr: 3 } }\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-recipe-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_recipe_trains_and_every_command_takes_the_run()
    {
        string recipe = Path.Combine(_folder, "skin.yaml");
        File.WriteAllText(recipe, Skin);
        string pack = Path.Combine(_folder, "images.zip");
        Assert.Equal(0, CliRun.Of("data", "synth", "--images", "120", "--size", "16", "--out", pack).ExitCode);
        string run = Path.Combine(_folder, "run");
        CliRun train = CliRun.Of("train", "--data", pack, "--recipe", recipe, "--target-epsilon", "8", "--delta", "1e-3", "--steps", "4", "--out", run, "--json");
        Assert.True(train.ExitCode == 0, train.Error);
        Assert.Contains("recipe skin", train.Error, StringComparison.Ordinal);
        Assert.Contains("train.lr: 4\n", train.Error, StringComparison.Ordinal);
        Assert.Contains("train.steps: 6   (not used: --steps gives 4)", train.Error, StringComparison.Ordinal);
        Assert.Equal("scatter_linear", train.Json().GetProperty("result").GetProperty("model").GetProperty("name").GetString());
        Assert.Contains("\"recipe\": \"skin\"", File.ReadAllText(Path.Combine(run, "run.json")), StringComparison.Ordinal);

        Assert.Equal(0, CliRun.Of("eval", run, "--bootstrap", "0", "--quiet").ExitCode);
        Assert.Equal(0, CliRun.Of("audit", run, "--quiet").ExitCode);
        CliRun inspect = CliRun.Of("model", "inspect", run, "--json");
        Assert.Equal("scatter_linear", inspect.Json().GetProperty("result").GetProperty("model").GetString());
        CliRun export = CliRun.Of("model", "export", run, "--format", "onnx", "--out", Path.Combine(_folder, "m.onnx"), "--json");
        Assert.True(export.ExitCode == 0, export.Error);
        string image = Path.Combine(_folder, "a.png");
        using (System.IO.Compression.ZipArchive zip = System.IO.Compression.ZipFile.OpenRead(pack))
        {
            System.IO.Compression.ZipFileExtensions.ExtractToFile(zip.Entries.First(entry => entry.Name.EndsWith(".png", StringComparison.Ordinal)), image);
        }

        double FirstProbability(string model) => CliRun.Of("predict", model, image, "--json").Json()
            .GetProperty("result").GetProperty("predictions")[0].GetProperty("probabilities")[0].GetProperty("probability").GetDouble();
        Assert.Equal(FirstProbability(run), FirstProbability(Path.Combine(_folder, "m.onnx")), 1e-4);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_dry_run_names_the_recipe_as_the_origin_of_its_values()
    {
        string recipe = Path.Combine(_folder, "skin.yaml");
        File.WriteAllText(recipe, Skin);
        CliRun run = CliRun.Of("train", "--data", "synth:dermoscopy,images=120,size=16", "--recipe", recipe, "--target-epsilon", "3", "--delta", "1e-3", "--dry-run", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        var settings = run.Json().GetProperty("result").GetProperty("settings").EnumerateArray().ToDictionary(s => s.GetProperty("key").GetString()!);
        Assert.Equal(("recipe skin", "3"), (settings["train.lr"].GetProperty("origin").GetString(), settings["train.lr"].GetProperty("value").GetString()));
        Assert.Equal("--target-epsilon", settings["privacy.targetEpsilon"].GetProperty("origin").GetString());
        Assert.Contains("settings for epsilon 0-5", run.Error, StringComparison.Ordinal);
        Assert.Contains("computed once and kept", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_without_a_recipe_get_the_list_of_recipes()
    {
        CliRun run = CliRun.Of("train", "--data", "synth:dermoscopy,images=40,size=16", "--recipe", "best", "--target-epsilon", "3");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("no recipe fits", run.Error, StringComparison.Ordinal);
        Assert.Contains("mnist (idx:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Wavelets_of_a_network_without_them_are_refused()
    {
        CliRun run = CliRun.Of("train", "--data", "synth:dermoscopy", "--model", "cnn_small", "--scattering-scales", "3", "--target-epsilon", "3");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("--scattering-scales is 3, but cnn_small has no wavelets", run.Error, StringComparison.Ordinal);
    }
}
