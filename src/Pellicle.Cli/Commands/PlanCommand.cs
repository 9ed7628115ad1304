using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Ledger;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;
using Pellicle.Training.Configuration;
using Pellicle.Training.Steps;

namespace Pellicle.Cli.Commands;

/// <summary><c>plan</c>: the budget planner; needs no data.</summary>
internal sealed class PlanCommand : CliCommand
{
    private readonly Option<int?> _n = CliOption.Whole("--n", "N", "number of units (images or patients), a public constant", 1);
    private readonly Option<string?> _accountant = CliOption.Choice("--accountant", "NAME", "prv, rdp, or gdp as an approximation [prv]", "prv", "rdp", "gdp");
    private readonly Option<int?> _imagesPerPatient = CliOption.Whole("--images-per-patient", "K", "images of the largest patient, for the figure of that patient under the image unit", 1);
    private readonly Option<bool> _table = CliOption.Flag("--table", "also a table of epochs and budgets, and the noise at batch sizes 32, 256 and 1024");

    public override string Name => "plan";

    public override string Summary => "plan a privacy budget, without data";

    public override IReadOnlyList<Option> Options =>
    [
        _n,
        .. SettingOptions.Named("train.batch", "train.epochs", "train.steps", "privacy.targetEpsilon", "privacy.noiseMultiplier", "privacy.delta"),
        _accountant,
        .. SettingOptions.Named("privacy.orders", "privacy.sampling", "privacy.noiseSchedule", "privacy.unit", "privacy.maxImagesPerUnit", "privacy.maxGradNorm", "privacy.spent"),
        _imagesPerPatient,
        _table,
    ];

    public override IReadOnlyList<string> Details => ["Give two of --target-epsilon, --noise-multiplier and --epochs (or --steps); the third is found."];

    public override IReadOnlyList<string> Examples =>
    [
        "pellicle plan --n 5918 --batch 256 --epochs 20 --target-epsilon 3 --delta 1e-5",
        "pellicle plan --n 60000 --batch 64 --steps 9380 --noise-multiplier 1.3 --accountant rdp --orders 2..31 --json",
        "pellicle plan --n 5918 --batch 256 --noise-multiplier 1.6 --target-epsilon 3 --table",
    ];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        TrainConfig config = context.Settings.Config;
        if (!context.IsGiven(_n))
        {
            yield return new Problem("--n", "the number of units is missing.", "Give --n N: how many images (or patients) the training split has.");
        }

        string[] given = [.. Given(context)];
        if (given.Length != 2)
        {
            string message = given.Length switch { 0 => "neither noise nor budget nor steps are given", 1 => $"only {given[0]} is given", _ => $"{string.Join(" and ", given)} are all given" };
            yield return new Problem("plan", $"{message}; expected exactly two of --target-epsilon, --noise-multiplier and --epochs (or --steps), from which the third follows.", "For example: --target-epsilon 3 --epochs 20.");
        }

        if (config.Privacy.NoiseMultiplier == 0)
        {
            yield return new Problem("--noise-multiplier", "--noise-multiplier is 0.00, which gives no privacy (epsilon is infinite).", "Expected a value above 0.");
        }

        if (config.Privacy.Sampling == SamplingChoice.Full && context.Settings.Origins["train.batch"].Layer == SettingLayer.Option)
        {
            yield return new Problem("--batch", $"--batch is {config.Train.Batch}, but full batches take all units in every step.", "Leave --batch out, or use --sampling poisson.");
        }

        if (Accountant(context) != AccountantKind.Rdp && config.Privacy.Orders.Count > 0)
        {
            yield return new Problem("--orders", "--orders is given, but only the rdp accountant has orders.", "Add --accountant rdp, or leave the orders out.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        TrainConfig config = context.Settings.Config;
        bool hasSteps = HasSteps(context);
        PrivacyUnit unit = config.Privacy.Unit == UnitChoice.Patient ? PrivacyUnit.Patient : PrivacyUnit.Image;
        int n = context.Value(_n)!.Value;
        BudgetPlan plan = BudgetPlanner.Plan(new PlanRequest
        {
            N = n,
            ExpectedBatchSize = config.Privacy.Sampling == SamplingChoice.Full ? n : config.Train.Batch,
            Epochs = hasSteps ? config.Train.Epochs : null,
            Steps = hasSteps ? config.Train.Steps : null,
            TargetEpsilon = config.Privacy.TargetEpsilon,
            NoiseMultiplier = config.Privacy.NoiseMultiplier,
            Delta = config.Privacy.Delta,
            Accountant = Accountant(context),
            Orders = config.Privacy.Orders,
            Unit = unit,
            Sampling = PrivacyChoices.Sampling(config.Privacy.Sampling),
            NoiseSchedule = PrivacyChoices.Schedule(config.Privacy.NoiseSchedule),
            ImagesOfLargestPatient = context.Value(_imagesPerPatient),
            MaxImagesPerUnit = config.Privacy.MaxImagesPerUnit,
            MaxGradNorm = config.Privacy.MaxGradNorm,
            Spent = SpentBudget.Of(config.Privacy.Spent.Select(run => Path.Combine(run, "ledger.jsonl")), unit, isSeededForTests: false).History,
            Table = context.Value(_table),
        });
        return new CommandOutcome(plan, writer => PlanText.Write(writer, plan));
    }

    private AccountantKind Accountant(CommandContext context) =>
        context.Value(_accountant) is { } name ? Enum.Parse<AccountantKind>(name, ignoreCase: true)
        : context.Settings.Config.Privacy.Accountant == AccountantChoice.Rdp ? AccountantKind.Rdp
        : AccountantKind.Prv;

    // The built-in epochs are those of a training run; a plan counts only what was given.
    private static bool HasSteps(CommandContext context) =>
        new[] { "train.epochs", "train.steps" }.Any(key => context.Settings.Origins[key].Layer != SettingLayer.BuiltIn);

    private static IEnumerable<string> Given(CommandContext context)
    {
        PrivacySection privacy = context.Settings.Config.Privacy;
        return new[]
        {
            privacy.TargetEpsilon is null ? null : "--target-epsilon",
            privacy.NoiseMultiplier is null ? null : "--noise-multiplier",
            !HasSteps(context) ? null : context.Settings.Config.Train.Steps is null ? "--epochs" : "--steps",
        }.OfType<string>();
    }
}
