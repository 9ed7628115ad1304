using System.CommandLine;
using System.Globalization;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Training.LearningRates;

namespace Pellicle.Cli.Commands;

/// <summary><c>find-lr</c>: short trial runs at several learning rates.</summary>
internal sealed class FindLrCommand : CliCommand
{
    private readonly Argument<string?> _config = CliOption.Operand("CONFIG", "configuration file, the same as --config", isRequired: false);
    private readonly Option<string?> _recipe = CliOption.Text("--recipe", "NAME", "settings made for a data set, as in train");
    private readonly Option<string?> _trialData = CliOption.Text("--trial-data", "SRC", "images for the trials, which you declare public; not needed with --non-private");
    private readonly Option<string[]?> _rates = CliOption.List("--rates", "LIST", "learning rates to try [seven around --lr, half a decade apart]", "positive numbers, such as 0.01,0.03,0.1", item => Rate(item) > 0);
    private readonly Option<int?> _steps = CliOption.Whole("--trial-steps", "N", "steps of each trial [those of the run, at most 100]", 1);

    public override string Name => "find-lr";

    public override string Summary => "try learning rates on public images";

    public override string Operands => "[CONFIG]";

    public override IReadOnlyList<Argument> Arguments => [_config];

    public override IReadOnlyList<Option> Options => [_trialData, _rates, _steps, .. SettingOptions.Of("data", "model", "privacy", "train"), _recipe];

    public override IReadOnlyDictionary<string, string> Headings { get; } = new Dictionary<string, string> { ["--data"] = "the run that the rate is for: as in train" };

    public override IReadOnlyList<string> Details =>
    [
        "Trains the run's model on other, public images, as many steps at each rate, with as much noise on the mean gradient as the run",
        "will have, and compares the loss on their validation (or test) images. Spends no budget: of the run's own",
        "images it takes number, size, channels and class names only.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "pellicle find-lr --data ham10000.zip --model cnn_small --target-epsilon 8 --trial-data mednist.zip",
        "pellicle find-lr --data mnist.zip --model cnn_mnist --non-private --rates 0.001,0.003,0.01,0.03",
    ];

    public override string? ConfigFile(CommandContext context) => base.ConfigFile(context) ?? (context.HasUnknownOptions ? null : context.Value(_config));

    public override string? Recipe(CommandContext context) => context.Value(_recipe);

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.IsGiven(GlobalOptions.Out))
        {
            yield return new Problem("--out", "find-lr keeps nothing but its answer.", "Leave --out out; redirect the answer of --json.");
        }

        foreach (Problem problem in TrainConfigLoader.Check(context.Settings))
        {
            yield return problem;
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        RecipeText.Tell(context.Reporter, context.Settings);
        var request = new LearningRateRequest
        {
            Config = context.Settings.Config,
            PublicSource = context.Value(_trialData),
            Rates = [.. (context.Value(_rates) ?? []).Select(Rate)],
            TrialSteps = context.Value(_steps),
        };
        var finder = new LearningRateFinder(context.Host.Clock, new TrainingProgress(context.Reporter, "trial"));
        try
        {
            LearningRateResult result = finder.Run(request, context.Cancellation);
            return new CommandOutcome(result, writer => Write(writer, result));
        }
        catch (OperationCanceledException)
        {
            throw new RunInterruptedException("interrupted; nothing was kept.", "Run the same command again.");
        }
    }

    private static double Rate(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && double.IsFinite(rate) ? rate : 0;

    private static void Write(TextWriter writer, LearningRateResult result)
    {
        string noise = result.TrialNoiseMultiplier is null ? "" : $", noise multiplier {ReadableNumber.Of(result.TrialNoiseMultiplier)}";
        writer.WriteLine($"{result.TrialData}: {result.TrialSteps} steps each, batch {result.TrialBatch}{noise}; compared on the {result.ComparedOn} split");
        var table = new TextTable(">lr", ">loss", ">accuracy", ">AUC", "");
        foreach (LearningRateTrial trial in result.Trials)
        {
            string mark = trial.Lr.Equals(result.Suggested) ? "<- suggested" : "";
            table.Add(ReadableNumber.Of(trial.Lr), ReadableNumber.Fixed(trial.Loss, 4), ReadableNumber.Fixed(trial.Accuracy, 4), ReadableNumber.Fixed(trial.Auc, 4), mark);
        }

        table.WriteTo(writer);
        foreach (string note in result.Notes)
        {
            writer.WriteLine("note: " + note);
        }
    }
}
