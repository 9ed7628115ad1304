using System.Text.Json;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>Training and what follows it, on a few synthetic images.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-train-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_private_run_is_trained_evaluated_and_asked_for_a_prediction()
    {
        string pack = Path.Combine(_folder, "images.zip");
        Assert.Equal(0, CliRun.Of("data", "synth", "--images", "120", "--size", "16", "--out", pack).ExitCode);
        string run = Path.Combine(_folder, "run");
        CliRun train = CliRun.Of("train", "--data", pack, "--image-size", "16", "--batch", "20", "--steps", "3", "--target-epsilon", "8", "--delta", "1e-3", "--out", run, "--json", "--quiet");
        Assert.Equal(0, train.ExitCode);
        Assert.All(train.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("pellicle: warning: ", line, StringComparison.Ordinal)); // --quiet leaves warnings
        JsonElement result = train.Json().GetProperty("result");
        string[] fields =
        [
            "runDir", "status", "model", "data", "privacy", "steps", "plannedSteps", "epochs", "emptyBatches", "physicalBatchSize", "clippedFraction", "finalLoss", "secondsTotal", "secondsPerStep",
            "imagesPerSecond", "peakMemoryBytes", "layerPlan", "validation",
        ];
        Assert.All(fields, field => Assert.True(result.TryGetProperty(field, out _), field));
        Assert.Equal("completed", result.GetProperty("status").GetString());
        Assert.InRange(result.GetProperty("privacy").GetProperty("epsilon").GetDouble(), 7, 8);

        CliRun eval = CliRun.Of("eval", run, "--by", "sex", "--bootstrap", "20", "--require-auc", "1", "--json");
        Assert.Equal(5, eval.ExitCode);
        Assert.Equal("gateFailed", eval.Json().GetProperty("error").GetProperty("kind").GetString());
        JsonElement metrics = eval.Json().GetProperty("result").GetProperty("metrics");
        Assert.Equal(result.GetProperty("data").GetProperty("nTest").GetInt32(), metrics.GetProperty("n").GetInt32());
        Assert.False(eval.Json().GetProperty("result").GetProperty("coveredByGuarantee").GetBoolean());

        CliRun audit = CliRun.Of("audit", run, "--json", "--quiet");
        Assert.Equal(0, audit.ExitCode);
        Assert.Equal("loss", audit.Json().GetProperty("result").GetProperty("attacks")[0].GetProperty("name").GetString());
        Assert.Equal(0, CliRun.Of("report", run, "--out", Path.Combine(_folder, "report.html"), "--quiet").ExitCode);

        CliRun repeated = CliRun.Of("train", "--data", pack, "--steps", "3", "--non-private", "--out", run);
        Assert.Equal((2, ""), (repeated.ExitCode, repeated.Output));
        Assert.Contains("already holds files", repeated.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bfloat16_products_are_part_of_the_plan_and_shown_before_training()
    {
        string[] options = ["train", "--data", "synth:dermoscopy", "--limit", "60", "--image-size", "16", "--batch", "8", "--steps", "3", "--noise-multiplier", "2", "--dry-run", "--quiet"];
        CliRun text = CliRun.Of([.. options, "--model", "vit_tiny", "--train-only", "head", "--precision", "bfloat16"]);
        Assert.Equal(0, text.ExitCode);
        Assert.Contains(", bfloat16 products", text.Output, StringComparison.Ordinal);
        JsonElement privacy = CliRun.Of([.. options, "--model", "vit_tiny", "--train-only", "head", "--set", "train.precision=bfloat16", "--json"]).Json().GetProperty("result").GetProperty("privacy");
        Assert.Equal("bfloat16", privacy.GetProperty("precision").GetString());
        Assert.Contains("bfloat16 operands", privacy.GetProperty("statement").GetString(), StringComparison.Ordinal);
        Assert.Equal("float32", CliRun.Of([.. options, "--json"]).Json().GetProperty("result").GetProperty("privacy").GetProperty("precision").GetString());

        CliRun refused = CliRun.Of([.. options, "--model", "cnn_small", "--precision", "bfloat16"]);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("(Conv2d) has no products in bfloat16", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, CliRun.Of([.. options, "--non-private", "--model", "cnn_small", "--precision", "bfloat16"]).ExitCode);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void An_interrupted_run_ends_with_130_and_can_be_resumed()
    {
        string run = Path.Combine(_folder, "run");
        using var interrupt = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new InterruptingWriter(interrupt);
        int code = new App(Commands.CommandTree.All).Run(
            ["train", "--data", "synth:dermoscopy", "--limit", "100", "--image-size", "32", "--batch", "10", "--steps", "2000", "--noise-multiplier", "2", "--out", run, "--json"],
            new AppHost { Output = output, Error = error, Cancellation = interrupt.Token, IsErrorTerminal = true, Variables = new Dictionary<string, string> { ["TERM"] = "xterm" } });
        Assert.Equal(130, code);
        using JsonDocument json = JsonDocument.Parse(output.ToString());
        Assert.Equal("interrupted", json.RootElement.GetProperty("error").GetProperty("kind").GetString());
        JsonElement result = json.RootElement.GetProperty("result");
        int taken = result.GetProperty("steps").GetInt32();
        Assert.InRange(taken, 1, 1999);

        CliRun resumed = CliRun.Of("train", "--resume", run, "--dry-run", "--json");
        Assert.Equal(0, resumed.ExitCode);
        Assert.Equal(2000, resumed.Json().GetProperty("result").GetProperty("plannedSteps").GetInt32());
        CliRun changed = CliRun.Of("train", "--resume", run, "--noise-multiplier", "1");
        Assert.NotEqual(0, changed.ExitCode);
    }

    [Fact]
    public void Without_a_privacy_choice_training_stops_and_shows_the_three_choices()
    {
        CliRun run = CliRun.Of("train", "--data", "synth:dermoscopy");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.All(new[] { "--target-epsilon", "--noise-multiplier", "--non-private" }, option => Assert.Contains(option, run.Error, StringComparison.Ordinal));
    }

    [Fact]
    public void All_problems_of_a_configuration_are_listed_at_once()
    {
        string file = Path.Combine(_folder, "c.yaml");
        File.WriteAllText(file, "privacy: { noiseMultiplier: 0, maxGradNrom: 1 }\nmodel: { name: vit_tny }\n");
        CliRun run = CliRun.Of("train", file, "--lr", "-1", "--epoch", "3", "--json");
        string[] messages = [.. run.Json().GetProperty("error").GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("message").GetString() + p.GetProperty("hint").GetString())];
        foreach (string words in new[] { "'--epoch' is not an option", "Did you mean --epochs?", "--lr is '-1'" })
        {
            Assert.Contains(messages, m => m.Contains(words, StringComparison.Ordinal));
        }

        CliRun withoutTypo = CliRun.Of("train", file, "--lr", "-1", "--json");
        messages = [.. withoutTypo.Json().GetProperty("error").GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("message").GetString() + p.GetProperty("hint").GetString())];
        foreach (string words in new[] { "no data were given", "which gives no privacy", "Did you mean 'privacy.maxGradNorm'?", "Did you mean vit_tiny?", "--lr is '-1'" })
        {
            Assert.Contains(messages, m => m.Contains(words, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("eval")]
    [InlineData("predict")]
    [InlineData("train")]
    public void A_folder_that_is_no_run_ends_with_exit_code_3(string command)
    {
        string[] args = command switch { "predict" => ["predict", _folder, "a.png"], "train" => ["train", "--resume", _folder], _ => [command, _folder] };
        CliRun run = CliRun.Of(args);
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Contains(_folder, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_dry_run_shows_where_each_value_comes_from_and_writes_nothing()
    {
        CliRun run = CliRun.With(
            new() { ["PELLICLE_PRIVACY__DELTA"] = "1e-3" },
            "train", "--data", "synth:dermoscopy", "--limit", "100", "--steps", "5", "--batch", "10", "--noise-multiplier", "1", "--dry-run", "--out", Path.Combine(_folder, "none"), "--json", "--quiet");
        Assert.Equal(0, run.ExitCode);
        Assert.All(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("pellicle: warning: ", line, StringComparison.Ordinal)); // --quiet leaves warnings
        JsonElement result = run.Json().GetProperty("result");
        var origins = result.GetProperty("settings").EnumerateArray().ToDictionary(s => s.GetProperty("key").GetString()!, s => s.GetProperty("origin").GetString());
        Assert.Equal("dryRun", result.GetProperty("status").GetString());
        Assert.Equal(("PELLICLE_PRIVACY__DELTA", "--steps", "built-in"), (origins["privacy.delta"], origins["train.steps"], origins["train.lr"]));
        Assert.NotEmpty(result.GetProperty("layerPlan").EnumerateArray());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    /// <summary>Stands for a person who presses Ctrl-C when the first progress line appears.</summary>
    private sealed class InterruptingWriter(CancellationTokenSource interrupt) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            if (value?.Contains("step ", StringComparison.Ordinal) == true)
            {
                interrupt.Cancel();
            }
        }
    }
}
