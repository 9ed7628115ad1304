using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Tests.Training;

public class ObfuscateTrainTests
{
    private const string Source = "synth:dermoscopy,images=300,size=16";

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_resumed_run_ends_with_the_weights_of_an_uninterrupted_one()
    {
        using var folder = new TemporaryFolder();
        ObfuscateTrainResult whole = Train(folder.In("whole"), SubjectTests.Config(Source), null, default);
        using var stop = new CancellationTokenSource();
        ObfuscateTrainResult cut = Train(folder.In("cut"), SubjectTests.Config(Source), null, stop.Token, afterRound: round => { if (round == 3) { stop.Cancel(); } });
        Assert.Equal(RunStatus.Interrupted, cut.Status);
        ObfuscateTrainResult resumed = Train(null, SubjectTests.Config(Source), folder.In("cut"), default);
        Assert.Equal(RunStatus.Completed, resumed.Status);
        Assert.Equal(whole.SelectedRound, resumed.SelectedRound);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder.In("whole"), "obfuscation", "generator.safetensors")), File.ReadAllBytes(Path.Combine(folder.In("cut"), "obfuscation", "generator.safetensors")));
        Assert.Equal(File.ReadAllText(Path.Combine(folder.In("whole"), "metrics.jsonl")), File.ReadAllText(Path.Combine(folder.In("cut"), "metrics.jsonl")));
        Assert.Throws<UsageException>(() => Train(null, SubjectTests.Config(Source), folder.In("cut"), default));
    }

    [Theory]
    [InlineData(ObfuscationSystem.Xray)]
    [InlineData(ObfuscationSystem.Simclr)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_reference_systems_train_too(ObfuscationSystem system)
    {
        using var folder = new TemporaryFolder();
        TrainConfig config = SubjectTests.Config(Source);
        ObfuscateTrainResult result = Train(folder.In("run"), config with { Obfuscate = config.Obfuscate with { System = system, Rounds = 1 } }, null, default);
        Assert.Equal(RunStatus.Completed, result.Status);
        Assert.Equal(system == ObfuscationSystem.Xray ? GeneratorMode.Parity : GeneratorMode.Default, result.Mode);
        Assert.False(result.FormalGuarantee);
    }

    [Fact]
    public void An_unknown_attacker_is_refused_before_a_folder_is_made()
    {
        using var folder = new TemporaryFolder();
        TrainConfig config = SubjectTests.Config(Source);
        Assert.Throws<UsageException>(() => Train(folder.In("run"), config with { Obfuscate = config.Obfuscate with { Ensemble = ["oracle"] } }, null, default));
        Assert.False(Directory.Exists(folder.In("run")));
    }

    [Fact]
    public void Unknown_fields_of_the_section_are_refused_and_known_ones_come_back_from_yaml()
    {
        using var folder = new TemporaryFolder();
        TrainConfig config = SubjectTests.Config(Source);
        AtomicFile.WriteAllText(folder.In("good.yaml"), config.ToYaml());
        var problems = new List<Problem>();
        Assert.Equal(config.Obfuscate, TrainConfigLoader.Read(new ConfigSources { File = folder.In("good.yaml") }, problems).Config.Obfuscate);
        Assert.Empty(problems);
        AtomicFile.WriteAllText(folder.In("bad.yaml"), "obfuscate:\n  bugdet: 0.1\n");
        TrainConfigLoader.Read(new ConfigSources { File = folder.In("bad.yaml") }, problems);
        Assert.Contains("budget", Assert.Single(problems).Hint, StringComparison.Ordinal);
    }

    internal static ObfuscateTrainResult Train(string? path, TrainConfig config, string? resume, CancellationToken cancellation, Action<int>? afterRound = null) =>
        new ObfuscateTrainPipeline(TimeProvider.System, new Rounds(afterRound)).Run(new ObfuscateTrainRequest { Config = config, OutFolder = path, ResumeFolder = resume, Threads = 1 }, cancellation);

    private sealed class Rounds(Action<int>? afterRound) : ITrainingObserver
    {
        public void Note(string text)
        {
        }

        public void Warn(string text)
        {
        }

        public void StepTaken(StepMetrics metrics, long plannedSteps) => afterRound?.Invoke((int)metrics.Step);
    }
}
