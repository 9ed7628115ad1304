using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Training.Configuration;
using Pellicle.Training.Metrics;

namespace Pellicle.Training.LearningRates;

/// <summary>Finds a learning rate: plan the run → scale its batch and noise to public images → train once at each rate → compare losses on images left out of the trials.</summary>
/// <remarks>Trying rates on the private images would spend budget in every trial, and choosing among them would be covered by no guarantee; so trials of a private run use
/// images that the user declares public. Independent short runs are compared and not one run with a rising rate (Smith 2017, section 3.3): under noise the loss of single batches says little.</remarks>
public sealed class LearningRateFinder
{
    private const int DefaultCount = 7;

    private readonly TimeProvider _clock;
    private readonly ITrainingObserver _observer;

    /// <summary>Makes a finder.</summary>
    /// <param name="clock">As for training.</param>
    /// <param name="observer">Told about progress.</param>
    public LearningRateFinder(TimeProvider clock, ITrainingObserver observer)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(observer);
        _clock = clock;
        _observer = observer;
    }

    /// <summary>Seven rates, half a decade apart, around a given one.</summary>
    /// <param name="middle">A rate &gt; 0.</param>
    public static IReadOnlyList<double> DefaultRates(double middle)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(middle);
        return [.. Enumerable.Range(0, DefaultCount).Select(i => middle * Math.Pow(10, (i - (DefaultCount / 2)) / 2.0))];
    }

    /// <summary>Tries the rates. Nothing is kept but the result.</summary>
    /// <param name="request">Settings and trial data.</param>
    /// <param name="cancellation">Ends the search after the current step.</param>
    /// <exception cref="PrivacyRefusedException">The run is private and no public images are named.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="PellicleException">The run could not start, or no trial gave a finite loss.</exception>
    public LearningRateResult Run(LearningRateRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.Config.Privacy.NonPrivate && request.PublicSource is null)
        {
            throw new PrivacyRefusedException(
                "trying learning rates on the run's own images would spend its budget, and the choice would not be covered.",
                "Name similar images that are public with --trial-data, or search for an ordinary run with --non-private.");
        }

        double[] rates = [.. (request.Rates.Count > 0 ? request.Rates : DefaultRates(request.Config.Train.Lr)).Distinct().Order()];
        TrialSettings settings = TrialSettings.Of(request, _observer);
        string folder = Directory.CreateTempSubdirectory("pellicle-find-lr-").FullName;
        try
        {
            LearningRateTrial[] trials = [.. rates.Select((rate, i) => Try(settings, rate, Path.Combine(folder, $"{i}"), cancellation))];
            return Compare(settings, trials, request.PublicSource is not null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private LearningRateTrial Try(TrialSettings settings, double rate, string folder, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        TrainConfig config = settings.Config with { Train = settings.Config.Train with { Lr = rate } };
        TrainResult result = new TrainPipeline(_clock, _observer).Run(new TrainRequest { Config = config, OutFolder = folder, LinkAsLast = false }, cancellation);
        cancellation.ThrowIfCancellationRequested();
        ClassificationMetrics metrics = (settings.Split == SplitName.Test ? result.Test : result.Validation)!;
        return new LearningRateTrial(rate, metrics.Loss is { } loss && double.IsFinite(loss) ? loss : null, metrics.Accuracy, metrics.Auc);
    }

    private static LearningRateResult Compare(TrialSettings settings, LearningRateTrial[] trials, bool isOnPublicImages)
    {
        LearningRateTrial best = trials.Where(t => t.Loss is not null).MinBy(t => t.Loss)
            ?? throw new EnvironmentException("no rate gave a finite loss.", "Try smaller rates with --rates.");
        bool atEdge = trials.Length > 1 && (best == trials[0] || best == trials[^1]);
        var notes = new List<string>(settings.Notes);
        if (isOnPublicImages)
        {
            notes.Add("trials trained on other images than the run will: the rate is a start, not an optimum.");
        }

        if (atEdge)
        {
            notes.Add($"the lowest loss is at the {(best == trials[0] ? "smallest" : "largest")} rate tried: try further ones with --rates.");
        }

        return new LearningRateResult
        {
            Suggested = best.Lr,
            AtEdge = atEdge,
            TrialData = settings.Config.Data.Source!,
            ComparedOn = settings.Split,
            TrialSteps = settings.Config.Train.Steps!.Value,
            TrialBatch = settings.Config.Train.Batch,
            NoiseMultiplier = settings.NoiseMultiplier,
            TrialNoiseMultiplier = settings.NoiseMultiplier is null ? null : settings.Config.Privacy.NoiseMultiplier,
            Trials = trials,
            Notes = notes,
        };
    }
}
