using System.Text.Json;
using Pellicle.Data;
using Pellicle.Native;

namespace Pellicle.Cli.Tests.EndToEnd;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class ObfuscateTests : IClassFixture<ObfuscateTests.TrainedRun>
{
    private readonly TrainedRun _trained;

    public ObfuscateTests(TrainedRun trained) => _trained = trained;

    [Fact]
    public void A_leakage_above_the_required_one_ends_with_5_and_the_whole_result()
    {
        CliRun run = CliRun.Of("obfuscate", "evaluate", _trained.Run, "--attackers", "cnn_plain,frozen", "--seeds", "1", "--attack-epochs", "6", "--bootstrap", "40", "--budgets", "1", "--baselines", "identity,blur", "--require-leakage-below", "0.51", "--threads", "1", "--json");
        Assert.Equal(5, run.ExitCode);
        JsonElement json = run.Json();
        Assert.Equal("gateFailed", json.GetProperty("error").GetProperty("kind").GetString());
        JsonElement attribute = json.GetProperty("result").GetProperty("attributes")[0];
        Assert.True(attribute.GetProperty("patients").GetInt32() > 0);
        Assert.True(attribute.GetProperty("roc").GetArrayLength() > 2);
        string report = File.ReadAllText(json.GetProperty("result").GetProperty("report").GetString()!);
        Assert.All(
            new[] { "It is not differential privacy", "ROC of sex before and after", "How far samples changed", "Losses over the rounds", "Privacy against utility", "Frozen against fresh", "Seed (not of noise)", "Area under the curve", "Repetitions of every fresh network" },
            text => Assert.Contains(text, report, StringComparison.Ordinal));
        Assert.DoesNotContain("file:", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_keeps_its_settings_and_names_those_that_differ()
    {
        CliRun changed = CliRun.Of("obfuscate", "train", "--resume", _trained.Run, "--budget", "0.2", "--set", "obfuscate.blocks=1");
        Assert.Equal((2, ""), (changed.ExitCode, changed.Output));
        Assert.Contains("--budget gives obfuscate.budget the value 0.2; the run was started with", changed.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("blocks", changed.Error, StringComparison.Ordinal); // equal to the run's
        CliRun file = CliRun.Of("obfuscate", "train", Path.Combine(_trained.Run, "config.yaml"), "--resume", _trained.Run);
        Assert.Equal(2, file.ExitCode);
        Assert.Contains("a resumed run keeps the settings of its folder", file.Error, StringComparison.Ordinal);
        Assert.Contains("is finished", CliRun.Of("obfuscate", "train", "--resume", _trained.Run).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Verification_tells_in_words_and_in_the_report_what_attackers_read_or_that_no_labels_were_there()
    {
        string source = _trained.In("incoming"), released = _trained.In("released");
        Directory.CreateDirectory(source);
        using ImageDataset set = ImageDataset.Open("synth:discs,images=200,size=16,strength=1");
        var table = new List<string> { "file,sex" };
        for (int i = 0; i < 200; i++)
        {
            File.WriteAllBytes(Path.Combine(source, $"{i}.png"), ImageCodec.EncodePng(set.Read(i).Bytes, 16, 16, 3));
            table.Add($"{i}.png,{set.ColumnValues("sex")![i]}");
        }

        File.WriteAllLines(_trained.In("people.csv"), table);
        CliRun silent = CliRun.Of("obfuscate", "apply", _trained.Run, source, "--out", _trained.In("first"), "--verify");
        Assert.Equal(0, silent.ExitCode);
        Assert.Contains("not attacked: no labels are at hand", silent.Output, StringComparison.Ordinal);
        CliRun attacked = CliRun.Of("obfuscate", "apply", _trained.Run, source, "--out", released, "--verify", "--labels", _trained.In("people.csv"), "--seeds", "1", "--attack-epochs", "2", "--threads", "1");
        Assert.Equal(0, attacked.ExitCode);
        Assert.Contains("attacked by fresh networks: worst leakage", attacked.Output, StringComparison.Ordinal);
        string report = File.ReadAllText(Path.Combine(_trained.Run, "report.html"));
        Assert.Contains("The last release that was verified", report, StringComparison.Ordinal);
        Assert.Contains("no patients are known", report, StringComparison.Ordinal);
        CliRun alone = CliRun.Of("obfuscate", "apply", _trained.Run, source, "--out", released, "--labels", _trained.In("people.csv"));
        Assert.Equal(2, alone.ExitCode);
        Assert.Contains("belongs to --verify", alone.Error, StringComparison.Ordinal);
    }

    /// <summary>One short training for all tests.</summary>
    public sealed class TrainedRun : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-obfuscate-").FullName;

        public TrainedRun()
        {
            CliRun run = CliRun.Of(
                "obfuscate", "train", "--data", "synth:discs,images=300,size=16,strength=1", "--private-attribute", "sex", "--image-size", "16", "--widths", "4,6,8", "--blocks", "1", "--ensemble", "cnn_plain", "--rounds", "4", "--selection-every", "2", "--reader-epochs", "4", "--threads", "1", "--out", Run);
            Assert.True(run.ExitCode == 0, run.Error);
        }

        public string Run => In("run");

        public string In(string name) => Path.Combine(_folder, name);

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
