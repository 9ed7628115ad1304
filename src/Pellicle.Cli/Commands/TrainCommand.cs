using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Commands;

/// <summary><c>train</c>: trains a classifier, with differential privacy unless told otherwise.</summary>
internal sealed class TrainCommand : CliCommand
{
    private readonly KeyOptions _key = new();
    private readonly Argument<string?> _config = CliOption.Operand("CONFIG", "configuration file, the same as --config", isRequired: false);
    private readonly Option<string?> _recipe = CliOption.Text("--recipe", "NAME", "settings made for a data set: a name in recipes/, a .yaml file, or best for the one that fits the data");
    private readonly Option<string?> _resume = CliOption.Text("--resume", "RUN", "continue an interrupted run with its own settings");
    private readonly Option<bool> _dryRun = CliOption.Flag("--dry-run", "show effective settings with their origin, plan, layers and estimates; train nothing");

    public override string Name => "train";

    public override string Summary => "train a classifier with differential privacy";

    public override string Operands => "[CONFIG]";

    public override IReadOnlyList<Argument> Arguments => [_config];

    public override IReadOnlyList<Option> Options => [.. SettingOptions.Of("data", "model", "privacy", "train"), _recipe, _resume, _dryRun, .. _key.All];

    public override IReadOnlyDictionary<string, string> Headings { get; } = new Dictionary<string, string>
    {
        ["--data"] = "data", ["--model"] = "model", ["--target-epsilon"] = "privacy (one of the first three is needed)", ["--batch"] = "training", ["--recipe"] = "run",
    };

    public override IReadOnlyList<string> Details =>
    [
        "Values in brackets are the built-in ones. Precedence: built-in < recipe < file < PELLICLE_* variables < options and --set.",
        "Without --out the run goes to runs/, and runs/last points to it.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "pellicle train --data ham10000.zip --model vit_tiny --target-epsilon 3 --epochs 20",
        "pellicle train --data mnist.zip --recipe best --target-epsilon 3",
        "pellicle train pellicle.yaml --set privacy.delta=1e-6 --dry-run",
        "pellicle train --data encoded:public/ --model vit_encoded --non-private --class-balance --keep-best",
        "pellicle train --resume runs/last",
    ];

    public override string? ConfigFile(CommandContext context)
    {
        string? positional = context.HasUnknownOptions ? null : context.Value(_config);
        string? resumed = context.Value(_resume) is { } run && !run.StartsWith("--", StringComparison.Ordinal) ? Path.Combine(run, "config.yaml") : null;
        return base.ConfigFile(context) ?? positional ?? (File.Exists(resumed) ? resumed : null);
    }

    public override string? Recipe(CommandContext context) => context.Value(_recipe);

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Value(GlobalOptions.Config) is not null && context.Value(_config) is not null && !context.HasUnknownOptions)
        {
            yield return new Problem("--config", "two configuration files are given.", "Keep CONFIG or --config.");
        }

        if (context.IsGiven(_resume) && context.IsGiven(GlobalOptions.Out))
        {
            yield return new Problem("--out", "--out and --resume are both given; a resumed run stays in its folder.", "Leave --out out.");
        }

        if (context.IsGiven(_resume) && context.IsGiven(_recipe))
        {
            yield return new Problem("--recipe", "--recipe and --resume are both given; a resumed run keeps its settings.", "Leave --recipe out.");
        }

        // A resume that names no run at all is explained by the pipeline; the checks below would hide it.
        if (context.Value(_resume) is { } run && !File.Exists(Path.Combine(run, "config.yaml")))
        {
            yield break;
        }

        foreach (Problem problem in TrainConfigLoader.Check(context.Settings))
        {
            yield return problem;
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string? resume = context.Value(_resume);
        if (resume is not null)
        {
            RunFolder.Open(resume);
        }

        RecipeText.Tell(context.Reporter, context.Settings);
        var request = new TrainRequest { Config = context.Settings.Config, Recipe = context.Settings.Recipe?.Name, OutFolder = context.Out, ResumeFolder = resume, OpenEncoder = _key.EncoderOf(context) };
        var pipeline = new TrainPipeline(context.Host.Clock, new TrainingProgress(context.Reporter));
        if (context.Value(_dryRun))
        {
            TrainResult planned = pipeline.DryRun(request);
            return new CommandOutcome(TrainText.DryRunJson(planned, context.Settings), writer => TrainText.WriteDryRun(writer, planned, context.Settings));
        }

        TrainResult result = pipeline.Run(request, context.Cancellation);
        RunInterruptedException? interrupted = result.Status == RunStatus.Interrupted
            ? new RunInterruptedException($"interrupted after {result.Steps} of {result.PlannedSteps} steps; checkpoint and ledger are written.", $"pellicle train --resume {result.RunDir}")
            : null;
        return new CommandOutcome(result, writer => TrainText.Write(writer, result), interrupted);
    }
}
