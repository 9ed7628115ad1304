using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Cli.Sweep;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Training.Configuration;
using Pellicle.Training.Sweeps;

namespace Pellicle.Cli.Commands;

/// <summary><c>sweep</c>: trains the Cartesian product of the lists in a configuration.</summary>
internal sealed class SweepCommand : CliCommand
{
    private readonly Argument<string?> _config = CliOption.Operand("CONFIG", "a configuration whose values may be lists, or one with search_space");
    private readonly Option<int?> _jobs = CliOption.Whole("--jobs", "N", "runs at once; the threads are shared [1]", 1, 256);
    private readonly Option<string?> _keep = CliOption.Choice("--keep", "WHICH", "all, or best: delete the weights of the others [all]", "all", "best");
    private readonly Option<string?> _metric = CliOption.Choice("--metric", "M", "compare runs by split.figure, such as test.auc [validation.loss]", [.. SweepMetric.Names]);
    private readonly Option<bool> _rerun = CliOption.Flag("--rerun", "train finished runs again; their former folders move to former/");
    private readonly Option<bool> _shuffle = CliOption.Flag("--shuffle", "start the runs in random order (--seed)");
    private readonly Option<string?> _sortKey = CliOption.Choice("--sort-key", "M", "sort the table by split.figure, best first [the order of the file]", [.. SweepMetric.Names]);
    private readonly Option<bool> _dryRun = CliOption.Flag("--dry-run", "list the runs; train nothing");

    public override string Name => "sweep";

    public override string Summary => "train every combination of the lists in a configuration";

    public override string Operands => "CONFIG";

    public override IReadOnlyList<Argument> Arguments => [_config];

    public override IReadOnlyList<Option> Options => [_jobs, _keep, _metric, _sortKey, _shuffle, _rerun, _dryRun];

    public override IReadOnlyList<string> Details =>
    [
        "A setting with a list of values is an axis; for settings that are lists, a list of lists is. A list under search_space adds its spaces.",
        "Without --out the runs go to runs/sweep-NAME, one folder each, with sweep.csv. The same call again continues; finished runs are skipped.",
        "A JSON file with \"command\": \"attack encoding\" sweeps another command: keys are its options, \"_\" its other words, \"columns\" what the table lists.",
        "Every run has its own guarantee. Choosing among private runs by private data is covered by none of them: --keep best wants",
        "privacy.acceptUnaccountedTuning in the configuration.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle sweep sweep.yaml --dry-run", "pellicle sweep sweep.yaml --jobs 2 --metric test.auc --out runs/search"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.HasUnknownOptions || context.Value(_config) is not { } path)
        {
            yield break;
        }

        var problems = new List<Problem>();
        if (CommandSweepPlan.Read(path, problems) is not null)
        {
            foreach (Option option in new Option[] { _keep, _metric, _sortKey }.Where(context.IsGiven))
            {
                problems.Add(new Problem(option.Name, $"{option.Name} compares runs of training, and '{path}' sweeps another command.", "Leave it out."));
            }

            foreach (Problem problem in problems)
            {
                yield return problem;
            }

            yield break;
        }

        SweepPlan plan = SweepPlan.Read(path, problems);
        foreach (LoadedConfig settings in plan.Jobs.Select(job => Settings(job, path, context, problems)))
        {
            problems.AddRange(TrainConfigLoader.Check(settings));
        }

        foreach (Problem problem in problems.Distinct())
        {
            yield return problem;
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string path = context.Value(_config)!;
        if (CommandSweepPlan.Read(path, []) is { } commands)
        {
            return RunCommands(context, commands, path);
        }

        SweepPlan plan = SweepPlan.Read(path, []);
        bool keepBest = context.Value(_keep) == "best";
        TrainConfig[] configs = [.. plan.Jobs.Select(job => Settings(job, path, context, []).Config)];
        bool isPrivate = configs.Any(c => !c.Privacy.NonPrivate);
        if (keepBest && configs.Any(c => !c.Privacy.NonPrivate && !c.Privacy.AcceptUnaccountedTuning))
        {
            throw new PrivacyRefusedException(
                "--keep best chooses among private runs by figures of private data, which no run's guarantee covers.",
                "Leave --keep out, or set privacy.acceptUnaccountedTuning: true in the configuration; it is then recorded as not covered.");
        }

        if (isPrivate && plan.Jobs.Count > 1)
        {
            context.Reporter.Warn($"the {plan.Jobs.Count} runs train on the same data: each has its own epsilon, and together they spend more; choosing among them is not covered");
        }

        int jobs = context.Value(_jobs) ?? 1;
        var request = new SweepRequest(
            context.Out ?? Path.Combine("runs", "sweep-" + Path.GetFileNameWithoutExtension(path)), SweepMetric.Find(context.Value(_metric) ?? "validation.loss")!, jobs, keepBest, context.Value(_dryRun))
        {
            Rerun = context.Value(_rerun),
            Order = context.Value(_shuffle) ? new SeededRandom(context.Settings.Config.Seed).Derive("sweep order") : null,
            SortKey = context.Value(_sortKey) is { } key ? SweepMetric.Find(key) : null,
        };
        SweepResult result = new SweepPipeline(plan, request, new ProcessLauncher(Math.Max(1, context.Threads / jobs)), context.Reporter).Run(context.Cancellation);
        PellicleException? failure = context.Cancellation.IsCancellationRequested
            ? new RunInterruptedException($"interrupted: {result.Finished} of {result.Jobs.Count} runs are finished.", "Run the same command again; it continues.")
            : result.Failed > 0
                ? new EnvironmentException($"{result.Failed} of {result.Jobs.Count} runs failed.", $"Read {result.Jobs.First(j => j.Status == "failed").Log}; the same command runs only what is missing.")
                : null;
        return new CommandOutcome(result, writer => Write(writer, result), failure);
    }

    private CommandOutcome RunCommands(CommandContext context, CommandSweepPlan plan, string path)
    {
        int jobs = context.Value(_jobs) ?? 1;
        var pipeline = new CommandSweepPipeline(plan, context.Out ?? Path.Combine("runs", "sweep-" + Path.GetFileNameWithoutExtension(path)), Math.Max(1, context.Threads / jobs), context.Reporter);
        ISeededRandom? order = context.Value(_shuffle) ? new SeededRandom(context.Settings.Config.Seed).Derive("sweep order") : null;
        CommandSweepResult result = context.Value(_dryRun) ? pipeline.DryRun() : pipeline.Run(jobs, context.Value(_rerun), order, context.Cancellation);
        PellicleException? failure = context.Cancellation.IsCancellationRequested
            ? new RunInterruptedException($"interrupted: {result.Finished} of {result.Jobs.Count} runs are finished.", "Run the same command again; it continues.")
            : result.Failed > 0 ? new EnvironmentException($"{result.Failed} of {result.Jobs.Count} runs failed.", $"Read the logs in {Path.Combine(result.OutDir, "logs")}; the same command runs only what is missing.") : null;
        return new CommandOutcome(
            result,
            writer =>
            {
                var table = new TextTable([.. result.Axes, .. plan.Columns.Select(c => ">" + c), "status"]);
                foreach (CommandSweepJobResult job in result.Jobs)
                {
                    table.Add([.. result.Axes.Select(a => job.Options.GetValueOrDefault(a, "-")), .. plan.Columns.Select(c => job.Columns[c] ?? "-"), job.Status]);
                }

                table.WriteTo(writer);
                writer.WriteLine(result.IsDryRun ? $"{result.Jobs.Count} runs of '{plan.Command}' would go to {result.OutDir}, {result.Finished} of them are finished." : $"{result.Finished} of {result.Jobs.Count} runs are finished: {result.Table}");
            },
            failure);
    }

    // Options of the command line, such as --threads, are for the sweep itself; environment variables reach every run.
    private static LoadedConfig Settings(SweepJob job, string path, CommandContext context, ICollection<Problem> problems) =>
        TrainConfigLoader.Read(new ConfigSources { Environment = context.Host.Variables, Options = job.Raw(path) }, problems);

    private static void Write(TextWriter writer, SweepResult result)
    {
        var table = new TextTable(["run", .. result.Axes, "status", ">" + result.Metric]);
        foreach (SweepJobResult job in result.Jobs)
        {
            table.Add([job.Id + (job.Id == result.Best ? " *" : ""), .. result.Axes.Select(a => job.Settings[a] ?? "-"), job.Status, ReadableNumber.Fixed(job.Metric, 4)]);
        }

        table.WriteTo(writer);
        writer.WriteLine(result.IsDryRun ? $"{result.Jobs.Count} runs would go to {result.OutDir}, {result.Finished} of them are finished." : $"{result.Finished} of {result.Jobs.Count} runs are finished: {result.Table}");
    }
}
