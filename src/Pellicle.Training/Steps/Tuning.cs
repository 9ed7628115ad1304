using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Training.Checkpoints;
using Pellicle.Training.Configuration;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>Looks at the validation split after each epoch: the rate falls on a plateau, and the best weights are kept. Ordinary training only.</summary>
/// <remarks>As torch's ReduceLROnPlateau: a gain is one of more than 1e-4 of the best value; after more than <c>patience</c> epochs without, the rate is
/// multiplied by the factor. The best weights go by the plain comparison.</remarks>
internal sealed class Tuning
{
    private const double Threshold = 1e-4;
    private readonly TrainSetup _setup;
    private readonly RunFolder _folder;
    private readonly IReadOnlyList<int> _records;
    private readonly long _stepsPerEpoch;

    private Tuning(TrainSetup setup, RunFolder folder)
    {
        _setup = setup;
        _folder = folder;
        _records = setup.Data.Dataset.RequireSplit(SplitName.Validation);
        _stepsPerEpoch = (setup.Data.TrainingImages + Train.Batch - 1) / Train.Batch;
    }

    /// <summary>Where tuning stands; restored from a checkpoint.</summary>
    public TuningState State { get; set; } = new();

    private TrainSection Train => _setup.Config.Train;

    private bool IsSmallerBetter => Train.TuningMetric == TuningMetric.Loss;

    /// <summary>The tuning of a run; null if its settings ask for none.</summary>
    /// <exception cref="DataFormatException">There is no validation split.</exception>
    public static Tuning? Of(TrainSetup setup, RunFolder folder) =>
        setup.Config.Train.KeepBest || setup.Config.Train.Schedule == ScheduleChoice.Plateau ? new Tuning(setup, folder) : null;

    /// <summary>Looks at the validation split if a step ends an epoch.</summary>
    /// <param name="step">Steps taken.</param>
    /// <returns>Value of the tuning metric, or null between epochs.</returns>
    public double? AfterStep(long step)
    {
        if (step % _stepsPerEpoch != 0 && step != _setup.PlannedSteps)
        {
            return null;
        }

        LabelledPredictions predictions = new ModelEvaluator(_setup.Model).Predict(_setup.Data.Loader, _setup.Data.Dataset, _records);
        double value = Of(ClassificationMetrics.Compute(predictions, new MetricsOptions { BootstrapReplicates = 0 }));
        bool isBest = State.BestValue is not { } best || IsBetter(value, best, 0);
        bool isGain = State.PlateauValue is not { } plateau || IsBetter(value, plateau, Threshold);
        int without = isGain ? 0 : State.EpochsWithoutGain + 1;
        bool falls = Train.Schedule == ScheduleChoice.Plateau && without > Train.Patience;
        if (isBest && Train.KeepBest)
        {
            _setup.Model.Save(_folder.BestWeights);
        }

        State = State with
        {
            BestValue = isBest ? value : State.BestValue,
            BestStep = isBest ? step : State.BestStep,
            PlateauValue = isGain ? value : State.PlateauValue,
            EpochsWithoutGain = falls ? 0 : without,
            LearningRateFactor = State.LearningRateFactor * (falls ? Train.PlateauFactor : 1),
        };
        return value;
    }

    /// <summary>Puts the best weights in the place of the last.</summary>
    public void TakeBest()
    {
        if (Train.KeepBest && State.BestStep > 0)
        {
            _setup.Model.Load(_folder.BestWeights);
        }
    }

    private bool IsBetter(double value, double best, double threshold) =>
        IsSmallerBetter ? value < best - (threshold * Math.Abs(best)) : value > best + (threshold * Math.Abs(best));

    private double Of(ClassificationMetrics metrics) =>
        (Train.TuningMetric switch
        {
            TuningMetric.Auc => metrics.Auc,
            TuningMetric.Accuracy => metrics.Accuracy,
            TuningMetric.BalancedAccuracy => metrics.BalancedAccuracy,
            TuningMetric.MacroF1 => metrics.MacroF1,
            _ => metrics.Loss,
        }) ?? throw new DataFormatException($"the validation split has no {SettingCatalog.Find("train.tuningMetric")!.TextOf(_setup.Config)}: it holds one class only.", "Use --tuning-metric loss or accuracy, or another split.");
}
