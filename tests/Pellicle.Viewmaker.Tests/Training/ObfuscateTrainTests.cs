using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Generators;
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
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_chosen_candidate_is_saved_with_the_generator_and_one_candidate_needs_no_judge()
    {
        using var folder = new TemporaryFolder();
        TrainConfig config = SubjectTests.Config(Source);
        config = config with { Obfuscate = config.Obfuscate with { Rounds = 0, ErasedDirections = 0, CoordinatePasses = 1, Coarsenings = [2], Spreads = [0.25] } };
        var notes = new List<string>();
        Train(folder.In("run"), config, null, default, note: notes.Add);
        using Generator generator = Generator.Open(Path.Combine(folder.In("run"), "obfuscation", "generator.safetensors"));
        Assert.Equal(8, generator.Options.DetailGrid);
        Assert.Equal(0.25, Assert.Single(generator.Passes).Spread, 1e-6);
        Assert.DoesNotContain(notes, note => note.Contains("shaken", StringComparison.Ordinal));

        notes.Clear();
        Train(folder.In("two"), config with { Obfuscate = config.Obfuscate with { Spreads = [0, 0.25] } }, null, default, note: notes.Add);
        Assert.Equal(2, notes.Count(note => note.StartsWith("details of 2 pixels, coordinates shaken by", StringComparison.Ordinal)));
        Assert.Throws<UsageException>(() => Train(folder.In("none"), config with { Obfuscate = config.Obfuscate with { Spreads = [] } }, null, default));
    }

    /// <summary>The synthetic benchmark with a third of its images, by attackers of two kinds that never met the generator: 0.65 is the goal with 6,000.</summary>
    [Fact]
    [Trait(Speed.Trait, Speed.Full)]
    public void Two_thousand_discs_leak_little_and_keep_their_task()
    {
        using var folder = new TemporaryFolder();
        TrainConfig config = SubjectTests.Config("synth:discs,images=2000,size=32,strength=1");
        config = config with
        {
            Model = config.Model with { ImageSize = 32 },
            Obfuscate = config.Obfuscate with { Budget = 0.2, Rounds = 0, ReaderEpochs = 30, ErasedDirections = 0, Coarsenings = [1], Spreads = [0.5] },
        };
        Train(folder.In("run"), config, null, default);
        ObfuscateEvaluateResult result = new ObfuscateEvaluatePipeline(TimeProvider.System, _ => { }).Run(new ObfuscateEvaluateRequest
        {
            RunFolder = folder.In("run"), Attack = new AttackOptions { Attackers = ["cnn_plain", "vit_micro"], Seeds = 2, Replicates = 0 }, Baselines = [], Budgets = [],
        });
        Assert.True(result.Controls.IdentityLeakage > 0.9, $"originals leak {result.Controls.IdentityLeakage}");
        Assert.True(result.HeadlineLeakage < 0.7, $"leakage {result.HeadlineLeakage}");
        Assert.True(result.Utility.Difference > -0.03, $"task {result.Utility.Difference}");
        Assert.True(result.Fidelity.MeanAbsDelta < 0.1, $"mean change {result.Fidelity.MeanAbsDelta}");
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

    internal static ObfuscateTrainResult Train(string? path, TrainConfig config, string? resume, CancellationToken cancellation, Action<int>? afterRound = null, Action<string>? note = null) =>
        new ObfuscateTrainPipeline(TimeProvider.System, new Rounds(afterRound, note)).Run(new ObfuscateTrainRequest { Config = config, OutFolder = path, ResumeFolder = resume, Threads = 1 }, cancellation);

    private sealed class Rounds(Action<int>? afterRound, Action<string>? note) : ITrainingObserver
    {
        public void Note(string text) => note?.Invoke(text);

        public void Warn(string text)
        {
        }

        public void StepTaken(StepMetrics metrics, long plannedSteps) => afterRound?.Invoke((int)metrics.Step);
    }
}
