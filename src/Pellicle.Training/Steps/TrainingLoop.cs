using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Nn.Optimizers;
using Pellicle.Nn.Schedules;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Sampling;
using Pellicle.Tensors;
using Pellicle.Training.Checkpoints;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>Takes the steps of a run: sample → clip and sum → noise → average → update, and writes down what happened.</summary>
/// <remarks>Abadi et al. 2016, algorithm 1. What decides about the guarantee is in the <see cref="GradientMechanism"/>; this class is the same for
/// ordinary training. Everything random in step t is a function of (key or seed, t), so that a resumed run repeats it.</remarks>
internal sealed class TrainingLoop : IDisposable
{
    private static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(1);
    private const int RecentSteps = 100;

    private readonly RunFolder _folder;
    private readonly TrainingData _data;
    private readonly ImageClassifier _model;
    private readonly FrozenFeatures? _features;
    private readonly GradientMechanism _mechanism;
    private readonly CrossEntropyLoss _loss;
    private readonly PerUnitClipper _clipper;
    private readonly Optimizer _optimizer;
    private readonly ExponentialMovingAverage? _average;
    private readonly LearningRateSchedule _schedule;
    private readonly Tuning? _tuning;
    private readonly IReadOnlyList<Parameter> _trainable;
    private readonly ISeededRandom _dropout;
    private readonly TimeProvider _clock;
    private readonly ITrainingObserver _observer;
    private readonly int _physicalBatch;
    private readonly int _views;
    private readonly double _epochPerStep;
    private readonly List<double> _stepSeconds = [];
    private readonly Queue<double> _recentLosses = new();

    public TrainingLoop(RunFolder folder, TrainSetup setup, GradientMechanism mechanism, TimeProvider clock, ITrainingObserver observer)
    {
        TrainConfig config = setup.Config;
        _folder = folder;
        _data = setup.Data;
        _model = setup.Model;
        _features = setup.Features;
        _mechanism = mechanism;
        _physicalBatch = setup.PhysicalBatch;
        _clock = clock;
        _observer = observer;
        _loss = new CrossEntropyLoss([.. config.Train.ClassWeights]);
        _clipper = new PerUnitClipper(_features?.Classifier ?? _model.Root, _loss, mechanism.Clipping, precision: config.Train.Precision);
        _optimizer = Optimizer.Create(TrainChoices.Optimizer(config.Train));
        _average = config.Train.Ema is { } decay ? new ExponentialMovingAverage(decay) : null;
        _views = config.Train.AugmentMultiplicity;
        _schedule = TrainChoices.Schedule(config.Train, mechanism.PlannedSteps);
        _tuning = Tuning.Of(setup, folder);
        _trainable = _model.Root.TrainableParameters();
        _dropout = new SeededRandom(config.Seed).Derive("dropout");
        _epochPerStep = (double)config.Train.Batch / _data.Units.Count;
    }

    /// <summary>Steps taken, those before a resume included.</summary>
    public long Step { get; private set; }

    /// <summary>Counts over all steps.</summary>
    public RunningCounts Counts { get; private set; } = new();

    /// <summary>Median wall-clock seconds of this process's steps; 0 before the first.</summary>
    public double MedianStepSeconds => _stepSeconds.Count == 0 ? 0 : _stepSeconds.Order().ElementAt(_stepSeconds.Count / 2);

    /// <summary>Mean loss of the last steps that had an image; null if none had.</summary>
    public double? RecentLoss => _recentLosses.Count == 0 ? null : _recentLosses.Average();

    /// <summary>True if the run keeps a moving average of its parameters.</summary>
    public bool HasAverage => _average is not null;

    private CheckpointTensors Tensors => new(_model.Parameters, _optimizer, _average);

    /// <summary>Best epoch so far; null if the run does not look for it.</summary>
    public TuningState? Tuned => _tuning?.State;

    /// <summary>Puts the weights of the best epoch in the place of the last, if the settings ask for them; call when the steps are done.</summary>
    public void TakeBest() => _tuning?.TakeBest();

    /// <summary>Puts the averages in the place of the parameters of the last step; call when the steps are done.</summary>
    public void TakeAverages() => _average!.Exchange(_trainable);

    /// <summary>Puts the state of the last checkpoint in place.</summary>
    /// <returns>False if there is none.</returns>
    public bool Restore()
    {
        if (Checkpoint.Read(_folder, Tensors) is not { } record)
        {
            return false;
        }

        Step = record.Step;
        Counts = record.Counts;
        _mechanism.Restore(record.AdaptiveBounds);
        if (_tuning is not null)
        {
            _tuning.State = record.Tuning ?? _tuning.State;
        }

        return true;
    }

    /// <summary>Writes the state.</summary>
    public void Save()
    {
        Checkpoint.Write(_folder, Tensors, Step, Counts, _mechanism.AdaptiveBounds, _tuning?.State);
        _mechanism.CheckpointWritten(Step);
    }

    /// <summary>Takes steps until the plan is done, the budget allows no more, or the user interrupts.</summary>
    /// <param name="cancellation">Looked at between steps.</param>
    public RunStatus Run(CancellationToken cancellation)
    {
        (LineLog<StepMetrics> log, IReadOnlyList<StepMetrics> kept) = LineLog.Continue<StepMetrics>(_folder.MetricsFile, Step == 0 ? null : line => line.Step <= Step);
        using (log)
        using (var curves = StepCurves.Continue(_folder.TensorBoardFolder, kept, _clock))
        {
            foreach (StepMetrics former in kept.TakeLast(RecentSteps))
            {
                Remember(former.Loss);
            }

            long lastSave = _clock.GetTimestamp();
            long lastFlush = lastSave;
            SampledBatch? upcoming = null;
            while (Step < _mechanism.AllowedSteps)
            {
                if (cancellation.IsCancellationRequested)
                {
                    log.Flush();
                    Save();
                    return RunStatus.Interrupted;
                }

                long start = _clock.GetTimestamp();
                SampledBatch batch = upcoming ?? _mechanism.Sample(Step + 1);
                upcoming = Step + 2 <= _mechanism.AllowedSteps ? _mechanism.Sample(Step + 2) : null;
                StepMetrics metrics = Take(Step + 1, batch, upcoming, start);
                log.Append(metrics);
                curves.Append(metrics);
                _observer.StepTaken(metrics, _mechanism.PlannedSteps);
                if (_clock.GetElapsedTime(lastFlush) >= FlushEvery)
                {
                    log.Flush();
                    curves.Flush();
                    lastFlush = _clock.GetTimestamp();
                }

                if (_clock.GetElapsedTime(lastSave) >= CheckpointEvery)
                {
                    log.Flush();
                    Save();
                    lastSave = _clock.GetTimestamp();
                }
            }
        }

        Save();
        return Step < _mechanism.PlannedSteps ? RunStatus.StoppedByBudget : RunStatus.Completed;
    }

    /// <summary>Frees clipper and optimiser state.</summary>
    public void Dispose()
    {
        _clipper.Dispose();
        _optimizer.Dispose();
        _average?.Dispose();
        _loss.Dispose();
    }

    private StepMetrics Take(long step, SampledBatch batch, SampledBatch? upcoming, long start)
    {
        _mechanism.Record(step); // before anything of the step can leave this method
        using TensorScope scope = TensorScope.Open();
        double lossSum = 0;
        int clipped = 0;
        StepBounds? bounds = _mechanism.BoundsOf(step);
        _clipper.BeginStep(bounds);
        var images = new BatchViews(batch, _views);
        foreach ((int first, int length) in PhysicalBatches.Split(images, _physicalBatch))
        {
            ClippedBatch part = AddPhysicalBatch(step, images, first, length);
            lossSum += part.LossSum;
            clipped += part.Clipped;
        }

        if (upcoming is not null)
        {
            _data.Prefetch(_features?.StillNeeded(upcoming.Records) ?? upcoming.Records);
        }

        double rate = _schedule.RateAt(step - 1) * (_tuning?.State.LearningRateFactor ?? 1);
        _mechanism.NoiseAndAverage(_clipper.EndStep(), step, batch.Units.Count);
        using (GradientMode.Off())
        {
            _optimizer.Step(_trainable, rate);
        }

        _average?.Update(_trainable);

        double seconds = _clock.GetElapsedTime(start).TotalSeconds;
        _stepSeconds.Add(seconds);
        int units = batch.Units.Count;
        double? loss = units == 0 ? null : lossSum / units;
        Remember(loss);
        Step = step;
        Counts = new RunningCounts
        {
            EmptyBatches = Counts.EmptyBatches + (units == 0 ? 1 : 0),
            Units = Counts.Units + units,
            Clipped = Counts.Clipped + clipped,
            Images = Counts.Images + batch.Records.Count,
            Seconds = Counts.Seconds + seconds,
        };
        (double? epsilon, double? delta) = _mechanism.Spent(step);
        double? clippedFraction = _mechanism.IsPrivate && units > 0 ? (double)clipped / units : null;
        return new StepMetrics(step, step * _epochPerStep, batch.Records.Count, loss, clippedFraction, epsilon, delta, rate, seconds) { MaxGradNorm = bounds?.Sensitivity, Tuning = _tuning?.AfterStep(step) };
    }

    private ClippedBatch AddPhysicalBatch(long step, BatchViews batch, int first, int length)
    {
        using TensorScope scope = TensorScope.Open();
        var positions = new int[length];
        var views = new int[length];
        var labels = new long[length];
        var keys = new ulong[length];
        for (int i = 0; i < length; i++)
        {
            positions[i] = batch.RecordOf(first + i);
            views[i] = batch.ViewOf(first + i);
            labels[i] = _data.LabelOf(positions[i]);
            keys[i] = ((ulong)positions[i] * (ulong)_views) + (ulong)views[i]; // dropout masks differ between views, too
        }

        return _clipper.Add(_features?.Of(positions, views, step) ?? Images(positions, views, step), Tensor.From<long>(labels, length), PhysicalBatches.Layout(batch, first, length), _dropout.Derive("step", (ulong)step), keys);
    }

    private Tensor Images(int[] positions, int[] views, long step)
    {
        Tensor images = Tensor.Empty(DType.Float32, [positions.Length, .. _model.Spec.InputShape]);
        _data.Fill(positions, views, step, images.Data<float>());
        return images;
    }

    private void Remember(double? loss)
    {
        if (loss is { } value)
        {
            _recentLosses.Enqueue(value);
            if (_recentLosses.Count > RecentSteps)
            {
                _recentLosses.Dequeue();
            }
        }
    }
}
