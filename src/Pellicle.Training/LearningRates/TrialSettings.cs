using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Training.Configuration;
using Pellicle.Training.Steps;

namespace Pellicle.Training.LearningRates;

/// <summary>Settings of the trials: those of the run, with a mean gradient as noisy as the run's, on other data.</summary>
internal sealed record TrialSettings
{
    private const long MostSteps = 100;

    /// <summary>Settings of each trial but for the rate.</summary>
    public required TrainConfig Config { get; init; }

    /// <summary>Noise multiplier of the run; null for ordinary training.</summary>
    public double? NoiseMultiplier { get; init; }

    /// <summary>Split of the trial data on which rates are compared.</summary>
    public required string Split { get; init; }

    /// <summary>What changed besides the data.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Plans the run, counts the trial data, and scales batch and noise to it.</summary>
    /// <exception cref="PellicleException">The run could not start, or the trial data does not fit it.</exception>
    public static TrialSettings Of(LearningRateRequest request, ITrainingObserver observer)
    {
        using TrainSetup run = TrainSetup.Prepare(new TrainRequest { Config = request.Config }, observer);
        TrainConfig config = run.Config;
        int size = run.Model.Spec.ImageSize, channels = run.Model.Spec.Channels;
        long steps = request.TrialSteps ?? Math.Min(run.PlannedSteps, MostSteps);
        config = config with { Train = config.Train with { Epochs = null, Steps = steps }, Model = config.Model with { ImageSize = run.Data.Encodings is null ? size : null } };
        if (request.PublicSource is not { } source)
        {
            return new TrialSettings { Config = config, Split = SplitFor(run.Data, [SplitName.Validation]), Notes = [] };
        }

        // Columns and windows of the run's data mean nothing here; class weights follow its classes.
        config = config with
        {
            Data = new DataSection { Source = source, LoaderThreads = config.Data.LoaderThreads },
            Train = config.Train with { ClassWeights = [] },
            Privacy = config.Privacy with { Unit = UnitChoice.Image },
        };
        using TrainingData data = TrainingData.Open(config, []);
        string split = SplitFor(data, [SplitName.Validation, SplitName.Test]);
        int found = data.Transform?.Channels ?? data.Encodings!.Channels;
        if (found != channels)
        {
            throw new UsageException(
                $"the images of '{source}' have {found} channel(s), those of the run {channels}.",
                "Name public images of the same kind.");
        }

        int batch = Math.Min(config.Train.Batch, data.TrainingImages);
        config = config with { Train = config.Train with { Batch = batch } };
        var settings = new TrialSettings { Config = config, Split = split, Notes = [] };
        return run.Plan is { } plan ? settings.WithNoise(plan.NoiseMultiplier, request.Config.Privacy, run.Config.Train.Batch) : settings;
    }

    // The optimiser sees noise of standard deviation sigma * C / L on the mean gradient: that quotient is kept.
    private TrialSettings WithNoise(double noise, PrivacySection run, int batchOfRun)
    {
        PrivacySection privacy = Config.Privacy with
        {
            TargetEpsilon = null,
            MaxEpsilon = null,
            NoiseMultiplier = noise * Config.Train.Batch / batchOfRun,
            N = null,
            Spent = [],
            Nonfinite = NonfiniteChoice.Zero,
            NoiseSchedule = "constant",
            ClipSchedule = "constant",
            Accountant = AccountantChoice.Rdp, // nobody's budget: the cheaper one
        };
        bool isScheduled = run.NoiseSchedule != "constant" || run.ClipSchedule != "constant";
        return this with
        {
            Config = Config with { Privacy = privacy },
            NoiseMultiplier = noise,
            Notes = isScheduled ? ["trials keep noise and clipping bound constant; the run's schedules change them."] : [],
        };
    }

    // The run's own test images stay unseen until its end; those of public data may choose.
    private static string SplitFor(TrainingData data, string[] allowed) =>
        Array.Find(allowed, split => data.Dataset.IndicesOf(split).Count > 0)
        ?? throw new UsageException(
            $"'{data.Dataset.Source}' has no {string.Join(" or ", allowed)} images, by which rates are compared.",
            "Name a source with such a split, one without any split (it is then divided), or other images with --trial-data.");
}
