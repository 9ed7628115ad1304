using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Cli.Commands;

/// <summary><c>obfuscate train</c>: trains a generator that hides attributes while the task stays readable.</summary>
internal sealed class ObfuscateTrainCommand : CliCommand
{
    private readonly Argument<string?> _config = CliOption.Operand("CONFIG", "configuration file, the same as --config", isRequired: false);
    private readonly Option<string?> _resume = CliOption.Text("--resume", "RUN", "continue an interrupted run with its own settings");

    public override string Name => "obfuscate train";

    public override string Summary => "train a generator that hides attributes of people in images";

    public override string Operands => "[CONFIG]";

    public override IReadOnlyList<Argument> Arguments => [_config];

    public override IReadOnlyList<Option> Options =>
    [
        .. SettingOptions.Named("data.source", "data.image", "data.label", "data.patient", "data.attributes", "data.limit", "data.imageRoot", "data.window", "model.name", "model.imageSize"),
        .. SettingOptions.Of("obfuscate"),
        _resume,
    ];

    public override IReadOnlyList<string> Details =>
    [
        "Patients are split into four parts: one teaches the generator, one the attackers that judge it, one chooses, one is reported.",
        "--model names the network of the task; without it a plain CNN (cnn_plain) takes its place.",
        "Settings of the section 'obfuscate' may stand in a file. Columns of --attribute-columns are watched: they must not become easier to read.",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "pellicle obfuscate train --data fundus.zip --private-attribute sex,age:54 --budget 0.1 --image-size 32",
        "pellicle obfuscate train --data ham10000.zip --private-attribute sex --image-size 64 --rounds 300",
        "pellicle obfuscate train --resume runs/last",
    ];

    public override string? ConfigFile(CommandContext context)
    {
        string? positional = context.HasUnknownOptions ? null : context.Value(_config);
        string? resumed = context.Value(_resume) is { } run && !run.StartsWith("--", StringComparison.Ordinal) ? Path.Combine(run, "config.yaml") : null;
        return File.Exists(resumed) ? resumed : base.ConfigFile(context) ?? positional;
    }

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.IsGiven(_resume) && context.IsGiven(GlobalOptions.Out))
        {
            yield return new Problem("--out", "--out and --resume are both given; a resumed run stays in its folder.", "Leave --out out.");
        }

        if (context.Value(_resume) is { } run)
        {
            foreach (Problem problem in ResumedSettings.Check(context, run, context.HasUnknownOptions ? null : context.Value(_config)))
            {
                yield return problem;
            }

            yield break;
        }

        if (context.Settings.Config.Data.Source is null)
        {
            yield return new Problem("--data", "no data are named.", "Give --data SRC.");
        }

        if (context.Settings.Config.Obfuscate.Attributes.Count == 0)
        {
            yield return new Problem("--private-attribute", "no attribute to hide is named.", "Give --private-attribute, such as sex or sex,age:60.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string? resume = context.Value(_resume);
        if (resume is not null)
        {
            RunFolder.Open(resume);
        }

        TrainConfig config = context.Settings.Config;
        if (context.Settings.Origins["model.name"] == SettingOrigin.BuiltIn)
        {
            config = config with { Model = config.Model with { Name = "cnn_plain" } }; // reads small images best; the built-in one is made for private training
        }

        ObfuscateTrainResult result = new ObfuscateTrainPipeline(context.Host.Clock, new TrainingProgress(context.Reporter, "obfuscate", countsRounds: true)).Run(
            new ObfuscateTrainRequest { Config = config, OutFolder = context.Out, ResumeFolder = resume, Threads = context.Threads },
            context.Cancellation);
        RunInterruptedException? interrupted = result.Status == RunStatus.Interrupted
            ? new RunInterruptedException($"interrupted after {result.Rounds} rounds; the last checkpoint is written.", $"pellicle obfuscate train --resume {result.RunDir}")
            : null;
        return new CommandOutcome(result, writer => Write(writer, result), interrupted);
    }

    private static void Write(TextWriter writer, ObfuscateTrainResult result)
    {
        writer.WriteLine($"{result.RunDir}: generator of round {result.SelectedRound} of {result.Rounds}; chosen by {result.SelectionMeasure}");
        foreach (HiddenColumn attribute in result.PrivateAttributes)
        {
            writer.WriteLine($"{attribute.Name} ({string.Join(" | ", attribute.Classes)}): leakage of originals {ReadableNumber.Fixed(attribute.LeakageOriginal, 3)}");
        }

        ObfuscationValidation v = result.Validation;
        writer.WriteLine($"validation: fresh leakage {ReadableNumber.Fixed(v.FreshLeakage, 3)}, task AUC {ReadableNumber.Fixed(v.TaskAuc, 3)} (originals {ReadableNumber.Fixed(v.TaskAucOriginal, 3)}), mean change {ReadableNumber.Fixed(v.MeanAbsDelta, 4)} of the pixel range");
        writer.WriteLine("These figures chose the generator and are too good; 'pellicle obfuscate evaluate' gives those that count.");
        foreach (string sentence in HonestWording.Sentences)
        {
            writer.WriteLine(sentence);
        }
    }
}
