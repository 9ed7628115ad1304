using System.Diagnostics;
using System.Text.Json;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>init, completion, data prepare.</summary>
public sealed class SmallCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-small-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Init_writes_a_configuration_with_every_setting_that_loads_once_the_data_are_named()
    {
        CliRun made = CliRun.Of("init", Path.Combine(_folder, "study"), "--json");
        string file = made.Json().GetProperty("result").GetProperty("file").GetString()!;
        string text = File.ReadAllText(file);
        Assert.All(SettingCatalog.All, setting => Assert.Contains($"{setting.Key.Split('.')[^1]}: ", text, StringComparison.Ordinal));
        File.WriteAllText(file, text.Replace("source: null", "source: synth:dermoscopy", StringComparison.Ordinal));
        LoadedConfig loaded = TrainConfigLoader.Load(new ConfigSources { File = file });
        Assert.Equal((3.0, 20.0, 256), (loaded.Config.Privacy.TargetEpsilon, loaded.Config.Train.Epochs, loaded.Config.Train.Batch));
    }

    [Fact]
    public void Init_with_every_comment_taken_away_gives_the_built_in_values()
    {
        CliRun.Of("init", _folder);
        string file = Path.Combine(_folder, "pellicle.yaml");
        string[] keys = [.. SettingCatalog.All.Select(s => s.Key.Split('.')[^1])];
        string[] lines = [.. File.ReadAllLines(file).Select(l => keys.Any(k => l.TrimStart().StartsWith($"# {k}: ", StringComparison.Ordinal)) ? l.Replace("# ", "", StringComparison.Ordinal) : l)];
        File.WriteAllLines(file, lines);
        var problems = new List<Core.Errors.Problem>();
        LoadedConfig loaded = TrainConfigLoader.Read(new ConfigSources { File = file }, problems);
        Assert.Equal([], problems);
        Assert.Equal(new TrainConfig().Train with { Batch = 256, Epochs = 20 }, loaded.Config.Train);
    }

    [Fact]
    public void Init_replaces_nothing_unasked_and_refuses_templates_it_does_not_have()
    {
        Assert.Equal(0, CliRun.Of("init", _folder).ExitCode);
        Assert.Equal(2, CliRun.Of("init", _folder).ExitCode);
        Assert.Equal(0, CliRun.Of("init", _folder, "--yes").ExitCode);
        CliRun refused = CliRun.Of("init", Path.Combine(_folder, "x"), "--template", "mpc");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("'mpc' is not available", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "x")));
    }

    [Theory]
    [InlineData("pellicle da", "data")]
    [InlineData("pellicle data pre", "prepare")]
    [InlineData("pellicle train --target-e", "--target-epsilon")]
    [InlineData("pellicle data inspect pack.zip --lab", "--label-column")]
    [InlineData("pellicle completion p", "pwsh")]
    public void Bash_completes_commands_and_options(string line, string expected)
    {
        string script = Path.Combine(_folder, "completion.bash");
        File.WriteAllText(script, CliRun.Of("completion", "bash").Output);
        string[] words = line.Split(' ');
        var bash = new ProcessStartInfo("bash", ["-c", $"source {script}; COMP_WORDS=({line}); COMP_CWORD={words.Length - 1}; _pellicle; echo \"${{COMPREPLY[@]}}\""]) { RedirectStandardOutput = true };
        using Process process = Process.Start(bash)!;
        Assert.Equal(expected, process.StandardOutput.ReadToEnd().Trim());
    }

    [Fact]
    public void Every_shell_gets_every_command_and_other_shells_are_refused()
    {
        foreach (string shell in new[] { "bash", "zsh", "pwsh" })
        {
            string script = CliRun.Of("completion", shell, "--json").Json().GetProperty("result").GetProperty("script").GetString()!;
            Assert.All(Commands.CommandTree.All, command => Assert.Contains($"'{command.Name}'", script, StringComparison.Ordinal));
        }

        Assert.Equal(2, CliRun.Of("completion", "fish").ExitCode);
    }

    [Fact]
    public void Prepared_data_are_a_source()
    {
        string pack = Path.Combine(_folder, "made.zip");
        string prepared = Path.Combine(_folder, "prepared");
        CliRun.Of("data", "synth", "--images", "40", "--size", "16", "--out", pack);
        JsonElement result = CliRun.Of("data", "prepare", pack, "--size", "8", "--grayscale", "--out", prepared, "--json").Json().GetProperty("result");
        Assert.Equal((40, 8, 1), (result.GetProperty("images").GetInt32(), result.GetProperty("imageSize").GetInt32(), result.GetProperty("channels").GetInt32()));
        JsonElement seen = CliRun.Of("data", "inspect", prepared, "--json").Json().GetProperty("result");
        Assert.Equal(("prepared", 40, true), (seen.GetProperty("kind").GetString(), seen.GetProperty("images").GetInt32(), seen.GetProperty("isSynthetic").GetBoolean()));
        Assert.Equal(2, CliRun.Of("data", "prepare", pack, "--out", prepared).ExitCode);
    }

    [Fact]
    public void A_window_that_makes_no_sense_is_a_usage_error()
    {
        CliRun run = CliRun.Of("data", "inspect", "synth:xray", "--window", "wide");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("auto, full, or CENTRE,WIDTH", run.Error, StringComparison.Ordinal);
    }
}
