using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Tests.Training;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Tests.Release;

/// <summary>A run folder with a generator that changes something and hides nothing, without training.</summary>
internal static class UntrainedRun
{
    /// <param name="folder">Where.</param>
    /// <param name="strength">Factor of the last layer; 0 gives a generator that changes nothing.</param>
    /// <param name="hidden">The column that is said to be hidden.</param>
    public static string Create(TemporaryFolder folder, double strength = 3000, string hidden = "sex")
    {
        RunFolder run = RunFolder.Create(folder.In("run"));
        File.WriteAllText(run.RunFile, "{}");
        TrainConfig config = SubjectTests.Config("synth:discs");
        AtomicFile.WriteAllText(run.ConfigFile, (config with { Obfuscate = config.Obfuscate with { Attributes = [hidden] } }).ToYaml());
        var files = new ObfuscationFolder(run);
        using var generator = new Generator(new GeneratorOptions { Widths = [4, 6, 8], Blocks = 1, DownsampleTo = 16, Budget = 0.05 }, new SeededRandom(1));
        foreach (var parameter in generator.Parameters.Where(p => p.Name.StartsWith("deconv3", StringComparison.Ordinal) || (strength == 0 && p.Name.Contains("tone", StringComparison.Ordinal))))
        {
            parameter.Value.MultiplyInPlace(strength);
        }

        generator.Save(files.Generator);
        ObfuscationFolder.WriteKey(files.Key);
        RunFolder.WriteJson(files.Result, new ObfuscateTrainResult
        {
            RunDir = run.Root, Status = RunStatus.Completed, Family = GeneratorFamily.Additive, Mode = GeneratorMode.Default, System = ObfuscationSystem.Default,
            PrivateAttributes = [new HiddenColumn(hidden, ["f", "m"], 0.9)], Task = "label", Budget = new BudgetSummary([BudgetNorm.MeanAbs], 0.05, "pixelRange"), Rounds = 1, SelectedRound = 1,
            SelectionMeasure = "", Validation = new ObfuscationValidation(0.5, 0.9, 0.9, 0.05, null), Judged = [], SecondsTotal = 0, PeakMemoryBytes = 0, IsSynthetic = true,
        });
        return run.Root;
    }

    public static ObfuscateApplyResult Apply(string run, string source, string target, Func<ObfuscateApplyRequest, ObfuscateApplyRequest> change) =>
        new ObfuscateApplyPipeline((_, _) => { }, _ => { }).Run(change(new ObfuscateApplyRequest { RunFolder = run, Source = source, OutFolder = target }));
}
