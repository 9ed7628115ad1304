using System.Diagnostics;
using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Privacy.Statement;
using Pellicle.Training.Configuration;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Steps;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Training;

/// <summary>Trains a classifier: load data → build model → check privacy compatibility → calibrate noise → train → account → evaluate → write the run folder.</summary>
/// <remarks>Abadi et al. 2016 for private runs; without privacy the same kernels give ordinary training.</remarks>
public sealed class TrainPipeline
{
    private readonly TimeProvider _clock;
    private readonly ITrainingObserver _observer;

    /// <summary>Makes a pipeline.</summary>
    /// <param name="clock">Time of day for names and records, and the stopwatch.</param>
    /// <param name="observer">Told about progress.</param>
    public TrainPipeline(TimeProvider clock, ITrainingObserver observer)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(observer);
        _clock = clock;
        _observer = observer;
    }

    /// <summary>Trains, or continues a run.</summary>
    /// <param name="request">Settings and places.</param>
    /// <param name="cancellation">Ends the run after the current step, with a checkpoint; the result then has status "interrupted".</param>
    /// <exception cref="PellicleException">Data, options or environment do not allow the run, or it would break its guarantee.</exception>
    public TrainResult Run(TrainRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        long start = _clock.GetTimestamp();
        using TrainSetup setup = TrainSetup.Prepare(request, _observer);
        TrainConfig config = setup.Config;
        using OpenRun run = request.ResumeFolder is { } former
            ? OpenRun.Resume(former, setup, _clock)
            : OpenRun.Start(request.OutFolder ?? RunName.Choose(request.RunsFolder, config, setup, _clock), setup, _clock, request.Recipe);
        if (request.LinkAsLast)
        {
            run.Folder.LinkAsLast();
        }

        using var loop = new TrainingLoop(run.Folder, setup, run.Mechanism, _clock, _observer);
        if (!loop.Restore())
        {
            loop.Save();
        }

        run.RequireConsistent(loop.Step);
        RunStatus status = loop.Run(cancellation);
        PrivacyStatement privacy = run.State(loop.Step);
        (ClassificationMetrics? validation, ClassificationMetrics? test) = (null, null);
        (IReadOnlyList<GroupMetrics> bySource, IReadOnlyList<GroupMetrics> retests) = ([], []);
        if (status != RunStatus.Interrupted)
        {
            loop.TakeBest();
            SaveModels(run.Folder, setup, loop, privacy);
            if (request.EvaluateAtEnd)
            {
                validation = Evaluate(setup, SplitName.Validation);
                test = Evaluate(setup, SplitName.Test);
                bySource = FinalTests.BySource(setup);
                retests = FinalTests.OfOtherSources(setup, request.OpenEncoder);
            }
        }

        TrainResult result = setup.Describe(run.Folder.Root, status, privacy) with
        {
            Steps = loop.Step,
            Epochs = loop.Step * (double)config.Train.Batch / setup.Data.Units.Count,
            EmptyBatches = loop.Counts.EmptyBatches,
            ClippedFraction = run.Mechanism.IsPrivate && loop.Counts.Units > 0 ? (double)loop.Counts.Clipped / loop.Counts.Units : null,
            FinalLoss = loop.RecentLoss,
            BestEpoch = loop.Tuned is { BestStep: > 0 } tuned ? new BestEpoch(config.Train.TuningMetric, tuned.BestValue!.Value, tuned.BestStep, tuned.LearningRateFactor) : null,
            SecondsTotal = _clock.GetElapsedTime(start).TotalSeconds,
            SecondsPerStep = loop.MedianStepSeconds,
            ImagesPerSecond = loop.Counts.Seconds > 0 ? loop.Counts.Images / loop.Counts.Seconds : 0,
            PeakMemoryBytes = PeakMemory(),
            Validation = validation,
            Test = test,
            TestBySource = bySource,
            Retests = retests,
        };
        if (status != RunStatus.Interrupted)
        {
            ModelFolder.Describe(run.Folder.ModelFolder, privacy.Statement, result.Data, validation, test);
        }

        run.Finish(result, privacy, _clock);
        return result;
    }

    /// <summary>Plans a run without training: settings, guarantee, layers, and estimates from one batch of zeros.</summary>
    /// <param name="request">Settings; nothing is written.</param>
    /// <exception cref="PellicleException">As <see cref="Run"/> would throw before its first step.</exception>
    public TrainResult DryRun(TrainRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        long start = _clock.GetTimestamp();
        using TrainSetup setup = TrainSetup.Prepare(request, _observer);
        PrivacyStatement privacy = setup.Plan is { } plan ? setup.OnWhatItSees(PrivacyStatementBuilder.For(plan, setup.Data.LargestPatient)) : PrivacyStatementBuilder.NonPrivate(setup.PlannedSteps, setup.Data.Units.Count);
        StepTrial trial = StepTrial.Of(setup, _clock);
        return setup.Describe(string.Empty, RunStatus.DryRun, privacy) with
        {
            SecondsTotal = _clock.GetElapsedTime(start).TotalSeconds,
            SecondsPerStep = trial.SecondsPerStep,
            ImagesPerSecond = setup.ExpectedImages / trial.SecondsPerStep,
            PeakMemoryBytes = PeakMemory(),
            EstimatedSeconds = trial.SecondsOnce + (trial.SecondsPerStep * setup.PlannedSteps),
        };
    }

    // The average is computed from the noised updates alone: both models are covered by the same statement.
    private static void SaveModels(RunFolder folder, TrainSetup setup, TrainingLoop loop, PrivacyStatement privacy)
    {
        if (loop.HasAverage)
        {
            SaveModel(folder.LastStepFolder, setup, privacy, null);
            loop.TakeAverages();
        }

        SaveModel(folder.ModelFolder, setup, privacy, setup.Config.Train.Ema);
    }

    private static void SaveModel(string folder, TrainSetup setup, PrivacyStatement privacy, double? emaDecay)
    {
        setup.Model.MergeAdapters(); // what is saved has the form of the plain network
        ImageTransform? transform = setup.Data.Transform;
        ModelFolder.Save(
            folder,
            setup.Model,
            new ModelMetadata
            {
                Spec = setup.Model.Spec,
                Classes = setup.Data.Dataset.Classes,
                Mean = transform?.Mean ?? [],
                Std = transform?.Std ?? [],
                Window = setup.Config.Data.Window,
                Parameters = setup.Model.ParameterCount,
                WeightsSha256 = string.Empty,
                IsPrivate = privacy.Private,
                IsSynthetic = setup.Data.Dataset.IsSynthetic,
                EmaDecay = emaDecay,
            },
            privacy.Statement);
    }

    private static ClassificationMetrics? Evaluate(TrainSetup setup, string split)
    {
        IReadOnlyList<int> records = setup.Data.Dataset.IndicesOf(split);
        return records.Count == 0
            ? null
            : ClassificationMetrics.Compute(
                new ModelEvaluator(setup.Model).Predict(setup.Data.Loader, setup.Data.Dataset, records),
                new MetricsOptions { BootstrapReplicates = 200, Seed = setup.Config.Seed });
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
