using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Native;
using Pellicle.Privacy.Ledger;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;
using Pellicle.Privacy.Statement;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>The run folder of a run in progress, with its ledger and key: made anew, or taken up again.</summary>
internal sealed class OpenRun : IDisposable
{
    private readonly TrainSetup _setup;
    private readonly PrivacyLedger? _ledger;
    private readonly RunKey? _key;
    private RunRecord _record;

    private OpenRun(RunFolder folder, TrainSetup setup, RunRecord record, PrivacyLedger? ledger, RunKey? key)
    {
        Folder = folder;
        _setup = setup;
        _record = record;
        _ledger = ledger;
        _key = key;
        Mechanism = setup.Plan is { } plan
            ? new DpGradients(plan, new BudgetGuard(plan), ledger!, key!, setup.Data.Units)
            : new OrdinaryGradients(Sampler(setup), setup.PlannedSteps);
    }

    public RunFolder Folder { get; }

    public GradientMechanism Mechanism { get; }

    /// <summary>Makes the folder of a new run, with settings, record, key and ledger.</summary>
    public static OpenRun Start(string path, TrainSetup setup, TimeProvider clock, string? recipe)
    {
        if (setup.Plan is { } checkedFirst)
        {
            _ = new BudgetGuard(checkedFirst); // a budget without room for one step must not leave a folder behind
        }

        RunFolder folder = RunFolder.Create(path);
        AtomicFile.WriteAllText(folder.ConfigFile, setup.Config.ToYaml());
        var record = new RunRecord
        {
            Status = RunStatus.Running,
            PellicleVersion = typeof(OpenRun).Assembly.GetName().Version?.ToString(3) ?? "0.0.0",
            LibtorchVersion = NativeRuntime.TorchVersion,
            Kernels = NativeRuntime.ActiveKernels,
            Threads = setup.Config.Threads ?? Environment.ProcessorCount,
            StartedAt = clock.GetUtcNow(),
            Seed = setup.Config.Seed,
            Recipe = recipe,
            DataSource = setup.Data.Dataset.Source,
            DataFingerprint = setup.Data.Dataset.Fingerprint,
            IsSynthetic = setup.Data.Dataset.IsSynthetic,
        };
        RunFolder.WriteJson(folder.RunFile, record);
        if (setup.Plan is not { } plan)
        {
            return new OpenRun(folder, setup, record, null, null);
        }

        RunKey key = plan.Options.InsecureSeed is { } seed ? RunKey.FromInsecureSeed(seed) : RunKey.Create(folder.KeyFile, new SystemSecureRandom());
        return new OpenRun(folder, setup, record, PrivacyLedger.Create(folder.LedgerFile, plan.Header), key);
    }

    /// <summary>Takes up a run: the data, the options and the ledger must be those it was started with.</summary>
    public static OpenRun Resume(string path, TrainSetup setup, TimeProvider clock)
    {
        RunFolder folder = RunFolder.Open(path);
        RunRecord record = RunFolder.ReadJson<RunRecord>(folder.RunFile);
        if (record.Status is RunStatus.Completed or RunStatus.StoppedByBudget)
        {
            throw new UsageException($"the run '{path}' is finished (status {record.Status.ToString().ToLowerInvariant()}); there is nothing to resume.", "Start a new run.");
        }

        if (record.DataFingerprint != setup.Data.Dataset.Fingerprint)
        {
            throw new DataFormatException(
                $"the data at '{setup.Data.Dataset.Source}' are not those the run '{path}' was started with: files were added, removed or changed.",
                "Restore the data, or start a new run.");
        }

        record = record with { Status = RunStatus.Running, EndedAt = null, Resumed = record.Resumed + 1 };
        if (setup.Plan is not { } plan)
        {
            RunFolder.WriteJson(folder.RunFile, record);
            return new OpenRun(folder, setup, record, null, null);
        }

        (PrivacyLedger ledger, LedgerContent content) = PrivacyLedger.Open(folder.LedgerFile);
        try
        {
            string[] differences = [.. Differences(content.Plan, plan.Header)];
            if (differences.Length > 0)
            {
                throw new LedgerException(
                    $"the options differ from those in the ledger of '{path}': {string.Join(", ", differences)}.",
                    "Resume with the options, data and version the run was started with, or start a new run.");
            }

            RunKey key = plan.Options.InsecureSeed is { } seed ? RunKey.FromInsecureSeed(seed) : RunKey.Load(folder.KeyFile);
            RunFolder.WriteJson(folder.RunFile, record);
            return new OpenRun(folder, setup, record, ledger, key);
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>A checkpoint of steps that the ledger does not know would have no guarantee.</summary>
    public void RequireConsistent(long checkpointStep)
    {
        if (_ledger is { } ledger && checkpointStep > 0 && _setup.Plan!.EventOf(checkpointStep) > ledger.Steps)
        {
            throw new LedgerException(
                $"the checkpoint stands at step {checkpointStep}, but the ledger '{Folder.LedgerFile}' records {_setup.Plan.StepsAfter(ledger.Steps)} steps only: lines are missing.",
                "Restore the ledger as it was written, or train again in a new folder.");
        }
    }

    /// <summary>What the run guarantees now: everything that the ledger records counts as spent.</summary>
    public PrivacyStatement State(long steps)
    {
        if (_setup.Plan is not { } plan)
        {
            return PrivacyStatementBuilder.NonPrivate(steps, _setup.Data.Units.Count);
        }

        LedgerContent content = LedgerContent.Read(Folder.LedgerFile);
        return _setup.OnWhatItSees(PrivacyStatementBuilder.For(plan, content.TotalHistory, plan.StepsAfter(content.Steps), content.Hash, _setup.Data.LargestPatient));
    }

    /// <summary>Writes statement and record; a finished run loses its key.</summary>
    public void Finish(TrainResult result, PrivacyStatement privacy, TimeProvider clock)
    {
        RunFolder.WriteJson(Folder.PrivacyFile, privacy);
        _record = _record with { Status = result.Status, EndedAt = clock.GetUtcNow(), Result = result };
        RunFolder.WriteJson(Folder.RunFile, _record);
        if (result.Status != RunStatus.Interrupted)
        {
            _key?.Delete();
        }
    }

    public void Dispose()
    {
        Mechanism.Dispose();
        _ledger?.Dispose();
        _key?.Dispose();
    }

    private static Func<long, SampledBatch> Sampler(TrainSetup setup)
    {
        TrainSection train = setup.Config.Train;
        ISeededRandom random = new SeededRandom(setup.Config.Seed).Derive("batches");
        return train.ClassBalance || train.SourceBalance
            ? BalancedBatches.Of(setup.Data, train.SourceBalance, train.ClassBalance, train.Batch, random).Sample
            : new OrdinaryBatches(setup.Data.TrainingImages, Math.Min(train.Batch, setup.Data.TrainingImages), random).Sample;
    }

    // Compared as the text that is written: a number that was read back is not equal to one in memory for every digit string.
    private static IEnumerable<string> Differences(JsonObject recorded, JsonObject wanted) =>
        recorded.Select(p => p.Key).Union(wanted.Select(p => p.Key))
            .Select(name => (Name: name, Was: recorded[name]?.ToJsonString() ?? "not set", Is: wanted[name]?.ToJsonString() ?? "not set"))
            .Where(entry => entry.Was != entry.Is)
            .Select(entry => $"{entry.Name} was {entry.Was}, now {entry.Is}");
}
