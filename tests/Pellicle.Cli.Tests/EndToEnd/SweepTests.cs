using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Training.Runs;
using Pellicle.Training.Sweeps;

namespace Pellicle.Cli.Tests.EndToEnd;

public sealed class SweepTests : IDisposable
{
    private const string Base = """
        data: { source: "synth:dermoscopy,images=60,size=16" }
        model: { name: cnn_small, imageSize: 16 }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-sweep-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lists_of_plain_settings_are_axes_and_lists_of_lists_are_axes_of_list_settings()
    {
        SweepPlan plan = Plan("train: { lr: [1e-3, 1e-4], steps: 2, batch: 4 }\ndata: { attributes: [sex, age] }\nprivacy: { nonPrivate: true, orders: [[2, 3], [4]] }");
        Assert.Equal(["train.lr", "privacy.orders"], plan.Axes);
        Assert.Equal([("1e-3", "2,3"), ("1e-3", "4"), ("1e-4", "2,3"), ("1e-4", "4")], plan.Jobs.Select(j => (j.Settings["train.lr"]!, j.Settings["privacy.orders"]!)));
        Assert.All(plan.Jobs, j => Assert.Equal("sex,age", j.Settings["data.attributes"]));
        Assert.Equal(4, plan.Jobs.Select(j => j.Id).Distinct().Count());
    }

    [Fact]
    public void A_list_of_search_spaces_adds_jobs_and_equal_jobs_count_once()
    {
        SweepPlan plan = Plan("""{ "search_space": [ { "lr": [0.1, 0.2], "batch": [4, 8] }, { "lr": [0.1], "batch": [4], "non-private": [true] }, { "lr": [0.2], "batch": [8] } ], "ports": [1], "hosts": [] }""");
        Assert.Equal(5, plan.Jobs.Count); // 4 + 1, and the last is one of the first four
        Assert.Equal(["train.lr", "train.batch", "privacy.nonPrivate"], plan.Axes);
        Assert.Equal(Plan("""{ "search_space": { "train.batch": [4], "train.lr": [0.1] } }""").Jobs[0].Id, plan.Jobs[0].Id); // order does not matter
    }

    [Theory]
    [InlineData("train: { lr: [] }", "empty list")]
    [InlineData("train: &a { lr: 1 }\nx: *a", "anchors")]
    [InlineData("- 1", "no configuration")]
    [InlineData("search_space: 3", "no mapping")]
    [InlineData("train: [", "not valid YAML")]
    public void Files_that_are_no_sweep_are_usage_errors(string text, string expected)
    {
        CliRun run = CliRun.Of("sweep", Write(text));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_run_is_checked_before_the_first_starts()
    {
        CliRun run = CliRun.Of("sweep", Write(Base + "\ntrain: { steps: 2, batch: 4, lr: [0.1, fast], lrr: [1, 2] }\nprivacy: { nonPrivate: true }"), "--out", Path.Combine(_folder, "out"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'fast'", run.Error, StringComparison.Ordinal);
        Assert.Contains("unknown setting 'train.lrr'", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }

    [Theory]
    [InlineData("baseline_vit", 45)]
    [InlineData("neuracrypt", 45)]
    [InlineData("neuracrypt_combined_private", 3)]
    [InlineData("adversarial_attack", 3)]
    [InlineData("adversarial_attack_across_depth", 9)]
    [InlineData("adversarial_attack_across_width", 6)]
    [InlineData("adversarial_attack_linear", 3)]
    [InlineData("adversarial_transfer", 3)]
    [InlineData("adversarial_transfer_linear", 3)]
    [InlineData("plaintext_attack", 12)]
    [InlineData("plaintext_attack_shuffle", 12)]
    public void The_published_experiments_of_NeuraCrypt_are_read_and_planned(string name, int runs)
    {
        CliRun run = CliRun.Of("sweep", Path.Combine(SharedFiles.Repository, "samples", "neuracrypt", name + ".json"), "--dry-run", "--out", Path.Combine(_folder, "out"), "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(runs, run.Json().GetProperty("result").GetProperty("jobs").GetArrayLength());
    }

    [Fact]
    public void Flags_of_the_reference_are_settings_and_those_about_its_processes_are_nothing()
    {
        SweepPlan plan = Plan("""{ "search_space": { "private": [false], "init_lr": [1e-04], "max_epochs": [25], "class_bal": [true], "private_depth": [4], "model_name": ["reference_transformer"], "gpus": [1], "image_augmentations": [["scale_2d"]], "cross_val_seed": [0, 1] }, "available_gpus": [0] }""");
        Assert.Equal(["seed"], plan.Axes);
        Assert.Equal(("true", "1e-04", "25", "true", "4", "deepvit_encoded"), (plan.Jobs[0].Settings["model.encodeTrainable"], plan.Jobs[0].Settings["train.lr"], plan.Jobs[0].Settings["train.epochs"], plan.Jobs[0].Settings["train.classBalance"], plan.Jobs[0].Settings["model.encoderDepth"], plan.Jobs[0].Settings["model.name"]));
        Assert.Equal(7, plan.Jobs[0].Settings.Count);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_sweep_of_another_command_runs_each_option_once_and_lists_fields_of_the_results()
    {
        string file = Write("""{ "command": "plan", "columns": ["epsilon", "privacy.unit"], "search_space": [ { "n": [1000], "batch": [100], "epochs": [1, 2], "noise_multiplier": [1], "accountant": ["rdp"] }, { "n": [1000], "batch": [100], "epochs": [1], "noise_multiplier": [1], "accountant": ["rdp"], "table": [false] } ] }""");
        string folder = Path.Combine(_folder, "out");
        CliRun run = CliRun.Of("sweep", file, "--out", folder, "--jobs", "2", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        string[] lines = File.ReadAllLines(Path.Combine(folder, "sweep.csv"));
        Assert.Equal(4, lines.Length); // a flag that is false is a job of its own, with the words of another
        Assert.All(lines.Skip(1), line => Assert.Contains(",image,completed,", line, StringComparison.Ordinal));
        DateTime written = File.GetLastWriteTimeUtc(Directory.EnumerateFiles(folder, "*.json").First());
        Assert.Equal(0, CliRun.Of("sweep", file, "--out", folder).ExitCode);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Directory.EnumerateFiles(folder, "*.json").First()));
    }

    [Fact]
    public void Choosing_among_private_runs_needs_consent()
    {
        string file = Write(Base + "\ntrain: { steps: 2, batch: 4, lr: [0.1, 0.2] }\nprivacy: { noiseMultiplier: 1 }");
        CliRun refused = CliRun.Of("sweep", file, "--keep", "best", "--out", Path.Combine(_folder, "out"));
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("acceptUnaccountedTuning", refused.Error, StringComparison.Ordinal);
        Assert.Contains("together they spend more", CliRun.Of("sweep", file, "--dry-run").Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_sweep_trains_each_combination_writes_the_table_keeps_the_best_and_continues()
    {
        string file = Write(Base + "\ntrain: { steps: 2, batch: 8, lr: [0.01, 0.02] }\nprivacy: { nonPrivate: true }");
        string folder = Path.Combine(_folder, "out");
        JsonElement planned = CliRun.Of("sweep", file, "--dry-run", "--out", folder, "--json").Json().GetProperty("result");
        Assert.Equal(2, planned.GetProperty("jobs").GetArrayLength());
        Assert.False(Directory.Exists(folder));

        CliRun run = CliRun.Of("sweep", file, "--metric", "train.loss", "--keep", "best", "--out", folder, "--json");
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        JsonElement result = run.Json().GetProperty("result");
        string best = result.GetProperty("best").GetString()!;
        string[] lines = File.ReadAllLines(Path.Combine(folder, "sweep.csv"));
        Assert.StartsWith("train.lr,validation_loss,", lines[0], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
        Assert.All(lines.Skip(1), line => Assert.Contains(",completed,", line, StringComparison.Ordinal));
        Assert.Equal([best], Directory.EnumerateDirectories(folder, "model", SearchOption.AllDirectories).Select(m => Path.GetFileName(Path.GetDirectoryName(m)!)).Where(name => name != "last"));
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(folder, best, "tensorboard"), "events.out.tfevents.*"));

        DateTime before = File.GetLastWriteTimeUtc(Path.Combine(folder, best, "run.json"));
        JsonElement again = CliRun.Of("sweep", file, "--metric", "train.loss", "--out", folder, "--json").Json().GetProperty("result");
        Assert.Equal((2, best), (again.GetProperty("finished").GetInt32(), again.GetProperty("best").GetString()));
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(folder, best, "run.json")));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_rerun_trains_finished_runs_again_and_keeps_their_ledgers()
    {
        string file = Write(Base + "\ntrain: { steps: 2, batch: 8, lr: [0.02, 0.01] }\nprivacy: { noiseMultiplier: 2, accountant: rdp }");
        string folder = Path.Combine(_folder, "out");
        CliRun first = CliRun.Of("sweep", file, "--out", folder, "--sort-key", "train.loss", "--json");
        Assert.True(first.ExitCode == 0, first.Error + first.Output);
        string[] ids = [.. first.Json().GetProperty("result").GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetString()!)];
        double[] losses = [.. ids.Select(id => RunFolder.ReadJson<RunRecord>(Path.Combine(folder, id, "run.json")).Result!.FinalLoss!.Value)];
        Assert.Equal(losses.Order(), losses);
        string[] ledgers = [.. ids.Select(id => File.ReadAllText(Path.Combine(folder, id, "ledger.jsonl")))];

        CliRun again = CliRun.Of("sweep", file, "--out", folder, "--rerun", "--shuffle", "--json");
        Assert.Equal((0, 2), (again.ExitCode, again.Json().GetProperty("result").GetProperty("finished").GetInt32()));
        Assert.Equal(ledgers, ids.Select(id => File.ReadAllText(Path.Combine(folder, "former", id + "-1", "ledger.jsonl"))));
        Assert.All(ids, id => Assert.True(File.Exists(Path.Combine(folder, id, "model", "model.safetensors"))));
    }

    private SweepPlan Plan(string text)
    {
        var problems = new List<Problem>();
        SweepPlan plan = SweepPlan.Read(Write(text), problems);
        Assert.Equal([], problems);
        return plan;
    }

    private string Write(string text)
    {
        string path = Path.Combine(_folder, "sweep.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
