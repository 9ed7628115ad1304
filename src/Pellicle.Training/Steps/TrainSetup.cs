using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.Native;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;
using Pellicle.Privacy.Statement;
using Pellicle.Privacy.Validation;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>Everything a run needs before its first step: data, network, privacy plan, layer plan. Nothing has been written yet.</summary>
internal sealed class TrainSetup : IDisposable
{
    private const long ActivationBytes = 3L << 30;
    private const int LargestPhysicalBatch = 1024;

    // Layers above a frozen part are few and narrow: one product over many rows beats many over few.
    private const int LargestBatchOfFeatures = 16384;

    private readonly ModelSummary _summary;

    private TrainSetup(TrainConfig config, TrainingData data, ImageClassifier model, DpTrainingPlan? plan, FrozenFeatures? features, long plannedSteps)
    {
        Config = config;
        Data = data;
        Model = model;
        Plan = plan;
        Features = features;
        PlannedSteps = plannedSteps;

        // Before training: at its end low-rank pairs are merged, and then the trained part cannot be told any more.
        _summary = new ModelSummary(model.Spec.Name, model.ParameterCount, model.TrainableParameterCount, data.Dataset.Classes, model.Spec.ImageSize);
        using var loss = new CrossEntropyLoss([.. config.Train.ClassWeights]);
        using var clipper = new PerUnitClipper(model.Root, loss, plan?.Options.Clipping, precision: config.Train.Precision);
        LayerPlan = clipper.Plan([.. model.Spec.InputShape], 16, ImagesPerUnit * config.Train.AugmentMultiplicity);
        PhysicalBatch = config.Train.PhysicalBatch
            ?? PhysicalBatches.Choose(LayerPlan, ExpectedImages * config.Train.AugmentMultiplicity, Math.Min(ActivationBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 3), features is null ? LargestPhysicalBatch : LargestBatchOfFeatures);
    }

    public TrainConfig Config { get; }

    public TrainingData Data { get; }

    public ImageClassifier Model { get; }

    /// <summary>The privacy plan; null for ordinary training.</summary>
    public DpTrainingPlan? Plan { get; }

    /// <summary>What the frozen first part of the network gives; null if that part is trained.</summary>
    public FrozenFeatures? Features { get; }

    public long PlannedSteps { get; }

    public IReadOnlyList<LayerPlanRow> LayerPlan { get; }

    public int PhysicalBatch { get; }

    /// <summary>Images that a step is expected to draw, views not counted.</summary>
    public long ExpectedImages => Math.Max(1, (long)Math.Ceiling((double)Config.Train.Batch * Data.ImagesUsed(MaxImagesPerUnit) / Data.Units.Count));

    /// <summary>Adds to a statement what the guarantee leaves out if the network sees encodings: the accountant counts records, not the pictures behind them.</summary>
    /// <param name="statement">Of a private run.</param>
    public PrivacyStatement OnWhatItSees(PrivacyStatement statement) => Data.Encodings is null ? statement : statement with
    {
        NotCovered =
        [
            .. statement.NotCovered,
            "the pictures behind the encodings: the unit is one encoding, given the key; norms inside the key may have been measured on pictures, and padding mixes pictures",
        ],
    };

    private int MaxImagesPerUnit => Config.Privacy.Unit == UnitChoice.Patient ? Config.Privacy.MaxImagesPerUnit : 1;

    private int ImagesPerUnit => Config.Privacy.Unit == UnitChoice.Patient ? Math.Min(Config.Privacy.MaxImagesPerUnit, Math.Max(1, Data.Units.LargestUnit)) : 1;

    /// <summary>Load data → build model → check privacy compatibility → calibrate noise.</summary>
    public static TrainSetup Prepare(TrainRequest request, ITrainingObserver observer)
    {
        TrainConfig config = request.Config;
        NativeRuntime.Start(config.Threads ?? Environment.ProcessorCount);
        TrainingData data = TrainingData.Open(config, request.Planted, request.Withheld, request.OpenEncoder);
        ImageClassifier? model = null;
        FrozenFeatures? features = null;
        try
        {
            foreach (string warning in data.Dataset.Warnings)
            {
                observer.Warn(warning);
            }

            if (data.Encodings is not null)
            {
                observer.Note("the network sees encodings: they are obfuscated, not anonymous and not encrypted; treat them as personal data");
            }

            CheckClassWeights(config, data);
            config = WithFullBatch(config, data, observer);
            model = BuildModel(config, data, observer);
            ProductPrecisionCheck.Require(model.Root, config.Train.Precision);
            PublicStatistics.Fit(model, config, data, observer);
            ExecutionOptions execution = Execution(config);
            features = Freeze(model, data, execution, observer);
            DpTrainingPlan? plan = null;
            if (!config.Privacy.NonPrivate)
            {
                PrivacyValidator.Require(model.Root, [.. model.Spec.InputShape]);
                EarlierRuns earlier = request.ResumeFolder is { } resumed ? EarlierRuns.Of(RunFolder.Open(resumed)) : EarlierRuns.Of(config, data.Dataset);
                plan = Calibrate(config, data, model, earlier, execution);
                foreach (string note in plan.Notes(data.LargestPatient))
                {
                    observer.Warn(note);
                }
            }

            long steps = plan?.Steps ?? config.Train.Steps ?? StepCount.Of(config.Train.Epochs!.Value, data.UnitsWithoutPlanted, Math.Min(config.Train.Batch, data.UnitsWithoutPlanted));
            return new TrainSetup(config, data, model, plan, features, steps);
        }
        catch
        {
            features?.Dispose();
            model?.Dispose();
            data.Dispose();
            throw;
        }
    }

    /// <summary>The fields of the result that are known before the first step; the others are zero or null.</summary>
    public TrainResult Describe(string runDir, RunStatus status, PrivacyStatement privacy) => new()
    {
        RunDir = runDir,
        Status = status,
        Model = _summary,
        Data = new DataSummary(
            Data.Dataset.Source,
            Data.TrainingImages,
            Data.Dataset.IndicesOf(Pellicle.Data.SplitName.Validation).Count,
            Data.Dataset.IndicesOf(Pellicle.Data.SplitName.Test).Count,
            Data.Patients,
            Data.Dataset.IsSynthetic),
        Privacy = privacy,
        Steps = 0,
        PlannedSteps = PlannedSteps,
        Epochs = 0,
        EmptyBatches = 0,
        PhysicalBatchSize = PhysicalBatch,
        FeatureCacheBytes = Features is null ? null : Features.IsCached ? Features.NeededBytes : 0,
        SecondsTotal = 0,
        SecondsPerStep = 0,
        ImagesPerSecond = 0,
        PeakMemoryBytes = 0,
        LayerPlan = LayerPlan,
    };

    public void Dispose()
    {
        Features?.Dispose();
        Model.Dispose();
        Data.Dispose();
    }

    private static ImageClassifier BuildModel(TrainConfig config, TrainingData data, ITrainingObserver observer)
    {
        int size = data.Transform?.ImageSize ?? data.Encodings!.ImageSize;
        return NetworkOfRun.Build(
            config.Model,
            InitialWeights.Of(config)?.File,
            new ModelOptions(size, data.Transform?.Channels ?? data.Encodings!.Channels, data.Dataset.Classes.Count)
            {
                PatchSize = config.Model.EncodeTrainable ? config.Model.EncoderPatch : null,
                ScatteringScales = config.Model.ScatteringScales,
                ScatteringAngles = config.Model.ScatteringAngles,
                Tokens = EncodedModel.SizesOf(config.Model, data.Encodings, size, data.Encodings is { } layout && RunInput.UsesSources(config, layout)),
            },
            new SeededRandom(config.Seed),
            observer);
    }

    // What the settings say about speed and memory; the rest keeps its defaults.
    private static ExecutionOptions Execution(TrainConfig config) => new()
    {
        PhysicalBatchSize = config.Train.PhysicalBatch,
        Threads = config.Threads,
        FeatureCacheBytes = config.Train.FeatureCache is { } mebibytes ? (long)mebibytes << 20 : null,
    };

    private static FrozenFeatures? Freeze(ImageClassifier model, TrainingData data, ExecutionOptions execution, ITrainingObserver observer)
    {
        long limit = execution.FeatureCacheBytes ?? (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        FrozenFeatures? features = FrozenFeatures.Of(model, data, limit);
        if (features is not null)
        {
            observer.Note(
                $"the frozen part of {model.Spec.Name} gives {features.FeaturesPerImage} numbers an image: " + (features.IsCached ? $"computed once and kept ({features.NeededBytes >> 20} MiB)"
                : data.IsAugmented ? "computed in every step, because views are augmented"
                : $"computed in every step, because all would take {features.NeededBytes >> 20} MiB, more than --feature-cache allows ({limit >> 20} MiB)"));
        }

        return features;
    }

    private static DpTrainingPlan Calibrate(TrainConfig config, TrainingData data, ImageClassifier model, EarlierRuns earlier, ExecutionOptions execution)
    {
        PrivacySection privacy = config.Privacy;
        if (privacy.N is { } n && n != data.UnitsWithoutPlanted && privacy.Sampling != SamplingChoice.Poisson)
        {
            throw new PrivacyRefusedException(
                $"--n is {n}, but the training split has {data.UnitsWithoutPlanted} units; sampling '{SettingCatalog.Find("privacy.sampling")!.TextOf(config)}' needs n exactly.",
                "Give the exact number, leave --n out, or use --sampling poisson.");
        }

        var options = new DpOptions
        {
            N = privacy.N ?? data.UnitsWithoutPlanted,
            NIsPublic = privacy.N is not null, // counted on the training data otherwise: stated so, rather than claimed to be public
            ExpectedBatchSize = config.Train.Batch,
            Unit = privacy.Unit == UnitChoice.Patient ? PrivacyUnit.Patient : PrivacyUnit.Image,
            MaxImagesPerUnit = privacy.MaxImagesPerUnit,
            Sampling = PrivacyChoices.Sampling(privacy.Sampling),
            Epochs = config.Train.Steps is null ? config.Train.Epochs : null,
            Steps = config.Train.Steps,
            NoiseMultiplier = privacy.NoiseMultiplier,
            TargetEpsilon = privacy.TargetEpsilon,
            MaxEpsilon = privacy.MaxEpsilon,
            Delta = privacy.Delta,
            Accountant = privacy.Accountant == AccountantChoice.Rdp ? AccountantKind.Rdp : AccountantKind.Prv,
            Orders = [.. privacy.Orders],
            Clipping = PrivacyChoices.Clipping(privacy, model.Root),
            Adaptive = PrivacyChoices.Adaptive(privacy),
            NoiseSchedule = PrivacyChoices.Schedule(privacy.NoiseSchedule),
            ClipSchedule = PrivacyChoices.Schedule(privacy.ClipSchedule),
            AugmentMultiplicity = config.Train.AugmentMultiplicity,
            ClassWeights = [.. config.Train.ClassWeights],
            Precision = config.Train.Precision,
            AcceptUnaccountedTuning = privacy.AcceptUnaccountedTuning,
            InsecureSeed = privacy.InsecureSeed is { } seed ? new InsecureSeed(seed) : null,
            Spent = earlier.Spent.History,
            SpentLedgerHash = earlier.Spent.LedgerHash,
            Pretraining = earlier.Pretraining,
        };
        return DpTrainingPlan.Create(options, model.TrainableParameterCount, execution);
    }

    /// <summary>Full batches hold all units, whatever batch size a file gives.</summary>
    private static TrainConfig WithFullBatch(TrainConfig config, TrainingData data, ITrainingObserver observer)
    {
        if (config.Privacy.Sampling != SamplingChoice.Full || config.Train.Batch == data.UnitsWithoutPlanted)
        {
            return config;
        }

        observer.Note($"full batches: every step takes all {data.UnitsWithoutPlanted} units");
        return config with { Train = config.Train with { Batch = data.UnitsWithoutPlanted } };
    }

    private static void CheckClassWeights(TrainConfig config, TrainingData data)
    {
        int given = config.Train.ClassWeights.Count;
        if (given > 0 && given != data.Dataset.Classes.Count)
        {
            throw new UsageException(
                $"--class-weights has {given} values, but the data has {data.Dataset.Classes.Count} classes: {string.Join(", ", data.Dataset.Classes)}.",
                "Give one weight a class, in this order, as public constants.");
        }
    }
}
