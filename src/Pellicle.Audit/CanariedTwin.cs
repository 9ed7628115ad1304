using Pellicle.Audit.Canaries;
using Pellicle.Core.Errors;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Audit;

/// <summary>Trains the twin of a run: the same settings, with the canaries added that their coins put in.</summary>
/// <remarks>The plan's n is that of the run, so rate, steps and divisor do not depend on the coins.</remarks>
internal sealed class CanariedTwin
{
    private readonly TimeProvider _clock;
    private readonly ITrainingObserver _observer;

    public CanariedTwin(TimeProvider clock, ITrainingObserver observer)
    {
        _clock = clock;
        _observer = observer;
    }

    /// <summary>Trains, opens the twin, hands it to a reader, and removes its folder.</summary>
    public T Use<T>(TrainConfig config, IReadOnlyList<Canary> canaries, string folder, int threads, Func<LoadedRun, T> read, CancellationToken cancellation)
    {
        Remove(folder);
        try
        {
            var request = new TrainRequest
            {
                Config = config with { Threads = threads },
                OutFolder = folder,
                Planted = [.. canaries.Where(canary => canary.IsIncluded).Select(canary => canary.Image)],
                EvaluateAtEnd = false,
                LinkAsLast = false,
            };
            TrainResult result = new TrainPipeline(_clock, new WithoutWarnings(_observer)).Run(request, cancellation);
            if (result.Status == RunStatus.Interrupted)
            {
                throw new OperationCanceledException("the audit was interrupted while its twin was trained", cancellation);
            }

            using LoadedRun twin = LoadedRun.Open(folder, threads);
            return read(twin);
        }
        finally
        {
            Remove(folder);
        }
    }

    // Only a folder that a former audit left is removed, never one with other things in it.
    private static void Remove(string folder)
    {
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            return;
        }

        if (!File.Exists(Path.Combine(folder, "run.json")) && !Directory.Exists(Path.Combine(folder, "checkpoints")))
        {
            throw new UsageException($"the folder for the audit's twin, '{folder}', holds other files.", "Move them away, or give another folder.");
        }

        Directory.Delete(folder, recursive: true);
    }
}
