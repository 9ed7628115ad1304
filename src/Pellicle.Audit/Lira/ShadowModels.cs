using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Audit.Lira;

/// <summary>Trains the shadow models of LiRA with the settings of a run, or takes up those that a former audit left, and asks each for its confidence in every target.</summary>
/// <remarks>Each is a run folder of its own below the audited run, with a ledger of its own: nothing is charged to the audited run, and its files are not touched.
/// They are attacks on the user's own data, trained on the same patients: private data, never to be released. An interrupted training goes on at the next audit.</remarks>
internal sealed class ShadowModels
{
    private readonly TimeProvider _clock;
    private readonly ITrainingObserver _observer;

    public ShadowModels(TimeProvider clock, ITrainingObserver observer)
    {
        _clock = clock;
        _observer = observer;
    }

    /// <summary>Trains what is missing and asks all.</summary>
    /// <param name="run">The audited run.</param>
    /// <param name="targets">The units.</param>
    /// <param name="count">N, even.</param>
    /// <param name="folder">Where shadow models lie.</param>
    /// <param name="random">Decides who is in; depends on the audit's seed alone.</param>
    /// <param name="seed">That seed, to recognise shadow models of another audit.</param>
    /// <param name="threads">Threads of numerical kernels.</param>
    /// <param name="cancellation">Ends the training under way after its step.</param>
    public (double[][] Confidences, bool[][] IsIn) Confidences(LoadedRun run, ShadowTargets targets, int count, string folder, ISeededRandom random, ulong seed, int threads, CancellationToken cancellation)
    {
        RequireSameTargets(folder, new ShadowRecord(seed, targets.Members.Count, targets.All.SelectMany(records => records).Aggregate(0L, (hash, record) => unchecked((hash * 31) + record))));
        var confidences = new double[count][];
        var isIn = new bool[count][];
        for (int shadow = 0; shadow < count; shadow++)
        {
            isIn[shadow] = targets.Assignment(shadow, random);
            string path = Path.Combine(folder, $"{shadow:D4}");
            Train(run, targets.Changes(run.Dataset, isIn[shadow]), path, $"shadow model {shadow + 1} of {count}", threads, cancellation);
            using LoadedRun model = LoadedRun.Open(path, threads);
            confidences[shadow] = new UnitConfidences(model).Of(targets.All, cancellation);
        }

        return (confidences, isIn);
    }

    private void Train(LoadedRun run, (IReadOnlyList<int> Withheld, IReadOnlyList<PlantedImage> Planted) changes, string path, string name, int threads, CancellationToken cancellation)
    {
        bool exists = File.Exists(Path.Combine(path, "run.json"));
        if (exists && RunFolder.ReadJson<RunRecord>(RunFolder.Open(path).RunFile).Status is RunStatus.Completed or RunStatus.StoppedByBudget && Directory.Exists(RunFolder.Open(path).ModelFolder))
        {
            _observer.Note($"{name}: kept from a former audit");
            return;
        }

        if (!exists && Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true); // killed before its first file was complete
        }

        _observer.Note($"{name}: {(exists ? "going on with its training" : "training")}");
        TrainConfig config = run.Config with { Threads = threads };
        var request = new TrainRequest
        {
            Config = config,
            OutFolder = exists ? null : path,
            ResumeFolder = exists ? path : null,
            Planted = changes.Planted,
            Withheld = changes.Withheld,
            EvaluateAtEnd = false,
            LinkAsLast = false,
        };
        if (new TrainPipeline(_clock, new WithoutWarnings(_observer)).Run(request, cancellation).Status == RunStatus.Interrupted)
        {
            throw new OperationCanceledException("the audit was interrupted while a shadow model was trained; the same audit goes on with it", cancellation);
        }
    }

    // Shadow models say something about the units they were dealt only.
    private static void RequireSameTargets(string folder, ShadowRecord wanted)
    {
        string file = Path.Combine(folder, "shadows.json");
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(folder);
            RunFolder.WriteJson(file, wanted);
            return;
        }

        ShadowRecord found = RunFolder.ReadJson<ShadowRecord>(file);
        if (found != wanted)
        {
            throw new UsageException(
                $"the shadow models in '{folder}' were trained for other units: seed {found.Seed} and {found.UnitsPerSide} units a side, this audit has seed {wanted.Seed} and {wanted.UnitsPerSide}.",
                $"Repeat the audit with --seed {found.Seed} and the data as they were, or delete the folder to train them anew.");
        }
    }

    /// <summary>What shadow models in a folder were trained for.</summary>
    /// <param name="Seed">Seed of the audit.</param>
    /// <param name="UnitsPerSide">Members, and as many non-members.</param>
    /// <param name="RecordsHash">Of the records, in order.</param>
    private sealed record ShadowRecord(ulong Seed, int UnitsPerSide, long RecordsHash);
}
