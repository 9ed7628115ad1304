using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Nn.Optimizers;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Sampling;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;
using Pellicle.Training.Steps;

namespace Pellicle.Training.LearningRates;

/// <summary>Finds a learning rate by a range test (Smith 2017, "Cyclical learning rates for training neural networks", Section 3.3) on public or procedural images.</summary>
/// <remarks>A fresh network of the run's kind is trained as the run would be – optimiser, batch size, clipping, noise of the same size beside the
/// gradient – while the rate grows geometrically from step to step. Nothing of the run's data is read, so nothing is spent. A test on the private data
/// would choose by their losses, which the noise on the gradients does not cover: hence the run's own data are refused.</remarks>
internal sealed class LearningRateFinder : IDisposable
{
    private const int Steps = 100;

    private readonly TrainSetup _setup;
    private readonly TrainingData _data;
    private readonly ImageClassifier _model;
    private readonly IReadOnlyList<Parameter> _trainable;
    private readonly CrossEntropyLoss _loss = new();
    private readonly PerUnitClipper _clipper;
    private readonly Optimizer _optimizer;
    private readonly StepBounds? _bounds;
    private readonly OrdinaryBatches _batches;
    private readonly GradientMechanism _ordinary;
    private readonly ISeededRandom _random;
    private readonly int _batch;

    private LearningRateFinder(TrainSetup setup, TrainingData data)
    {
        _setup = setup;
        _data = data;
        TrainConfig config = setup.Config;
        _random = new SeededRandom(config.Seed).Derive("range test");
        var options = new ModelOptions(data.Loader.Transform.ImageSize, data.Loader.Transform.Channels, data.Dataset.Classes.Count);
        _model = NetworkOfRun.Build(config.Model, InitialWeights.Of(config)?.File, options, _random, new Quiet());
        _trainable = _model.Root.TrainableParameters();
        ClippingOptions? clipping = setup.Plan is null ? null : PrivacyChoices.Clipping(config.Privacy, _model.Root);
        _bounds = clipping is null ? null : StepBounds.Of(clipping);
        _clipper = new PerUnitClipper(_model.Root, _loss, clipping);
        _optimizer = Optimizer.Create(TrainChoices.Optimizer(config.Train));
        _batch = Math.Min(config.Train.Batch, data.TrainingImages);
        _batches = new OrdinaryBatches(data.TrainingImages, _batch, _random);
        _ordinary = new OrdinaryGradients(data.TrainingImages, _batch, Steps, _random);
    }

    /// <summary>Runs the test.</summary>
    /// <param name="setup">The run that wants a rate.</param>
    /// <param name="source">Public or procedural images.</param>
    /// <param name="observer">Told what is done.</param>
    /// <exception cref="PrivacyRefusedException">The images are those of a private run itself.</exception>
    /// <exception cref="UsageException">The loss fell at no rate.</exception>
    public static LearningRateSearch Run(TrainSetup setup, string source, ITrainingObserver observer)
    {
        TrainConfig config = setup.Config;
        using TrainingData data = TrainingData.Open(
            config with
            {
                Data = new DataSection { Source = source, LoaderThreads = config.Data.LoaderThreads, Window = config.Data.Window },
                Model = config.Model with { ImageSize = setup.Model.Spec.ImageSize },
                Privacy = config.Privacy with { Unit = UnitChoice.Image },
            },
            []);
        if (setup.Plan is not null && IsSameData(setup.Data, data))
        {
            throw new PrivacyRefusedException(
                $"--find-lr names '{source}', the private data of the run: a rate chosen by their losses would reveal something that the guarantee does not cover.",
                "Name public or procedural images, such as synth:dermoscopy, or give --lr.");
        }

        using var finder = new LearningRateFinder(setup, data);
        LearningRateSearch found = finder.Search(source);
        observer.Note($"learning rate {found.LearningRate:R} found on {source} ({found.Images} images, {found.Curve.Count} steps{(found.IsSynthetic ? ", procedural" : "")}); nothing of the run's own data was read for it");
        if (setup.Plan is not null && !found.IsSynthetic)
        {
            observer.Warn($"'{source}' counts as public, because --find-lr named it: the guarantee does not cover its images");
        }

        return found;
    }

    public void Dispose()
    {
        _ordinary.Dispose();
        _clipper.Dispose();
        _optimizer.Dispose();
        _loss.Dispose();
        _model.Dispose();
    }

    private LearningRateSearch Search(string source)
    {
        (double low, double high) = _setup.Config.Train.Optimizer == OptimizerChoice.Sgd ? (1e-3, 1e2) : (1e-5, 1.0);
        var curve = new RangeTestCurve();
        for (int step = 1; step <= Steps; step++)
        {
            double rate = low * Math.Pow(high / low, (step - 1.0) / (Steps - 1));
            if (!curve.Add(rate, Take(step, rate)))
            {
                break;
            }
        }

        return new LearningRateSearch
        {
            Source = source,
            IsSynthetic = _data.Dataset.IsSynthetic,
            Images = _data.TrainingImages,
            NoiseMultiplier = _setup.Plan?.NoiseMultiplier,
            LearningRate = curve.LearningRate() ?? throw new UsageException(
                $"the range test on '{source}' found no learning rate: the loss fell at none from {low:R} to {high:R}.",
                "Give --lr, take images with a plainer task, or plan less noise (a larger --batch, fewer --epochs)."),
            Curve = curve.Points,
        };
    }

    /// <returns>Mean loss an image before the step; NaN if a gradient was no number.</returns>
    private double Take(int step, double rate)
    {
        using TensorScope scope = TensorScope.Open();
        SampledBatch batch = _batches.Sample(step);
        _clipper.BeginStep(_bounds);
        var images = new BatchViews(batch, 1);
        double loss = 0;
        try
        {
            foreach ((int first, int length) in PhysicalBatches.Split(images, _setup.PhysicalBatch))
            {
                loss += AddPhysicalBatch(step, images, first, length);
            }
        }
        catch (NonFiniteGradientException)
        {
            return double.NaN;
        }

        ClippedSum sum = _clipper.EndStep();
        if (_setup.Plan is not { } plan)
        {
            _ordinary.NoiseAndAverage(sum, step, batch.Units.Count);
        }
        else
        {
            AddNoise(plan, sum, step, batch.Units.Count);
        }

        using (GradientMode.Off())
        {
            _optimizer.Step(_trainable, rate);
        }

        return loss / batch.Units.Count;
    }

    private double AddPhysicalBatch(int step, BatchViews batch, int first, int length)
    {
        using TensorScope scope = TensorScope.Open();
        int[] positions = [.. Enumerable.Range(first, length).Select(batch.RecordOf)];
        Tensor images = Tensor.Empty(DType.Float32, length, _model.Spec.Channels, _model.Spec.ImageSize, _model.Spec.ImageSize);
        _data.Fill(positions, new int[length], step, images.Data<float>());
        long[] labels = [.. positions.Select(position => (long)_data.LabelOf(position))];
        ulong[] keys = [.. positions.Select(position => (ulong)position)];
        return _clipper.Add(images, Tensor.From<long>(labels, length), PhysicalBatches.Layout(batch, first, length), _random.Derive("step", (ulong)step), keys).LossSum;
    }

    // As large beside the gradient as in the run, where the batch may be another; seeded, because these images need no protection.
    private void AddNoise(Privacy.Plan.DpTrainingPlan plan, ClippedSum sum, int step, int units)
    {
        double? adaptive = plan.Options.Adaptive is null ? null : plan.Options.Clipping.Sensitivity;
        Privacy.Plan.StepNoise constants = plan.NoiseAt(1, adaptive);
        Span<byte> key = stackalloc byte[GaussianNoise.KeyBytes];
        using var seeded = RunKey.FromInsecureSeed(new InsecureSeed(_setup.Config.Seed));
        seeded.KeyFor(KeyPurpose.Noise, step, key);
        using var noise = new GaussianNoise(key);
        noise.AddTo([.. sum.Parameters.Select(p => p.Gradient!)], constants.StandardDeviation * units / constants.Divisor, constants.Grid, units, (ulong)step);
    }

    private static bool IsSameData(TrainingData own, TrainingData other) =>
        own.Dataset.Source == other.Dataset.Source || PlaceOf(own.Dataset.Source) == PlaceOf(other.Dataset.Source) || own.Dataset.Fingerprint == other.Dataset.Fingerprint;

    // "pack:x.zip" and "x.zip" are one place; another column or limit of it has another fingerprint, but the same people.
    private static string PlaceOf(string source)
    {
        int colon = source.IndexOf(':', StringComparison.Ordinal);
        string path = colon > 1 && !Path.Exists(source) ? source[(colon + 1)..] : source;
        return Path.Exists(path) ? Path.GetFullPath(path) : source;
    }

    private sealed class Quiet : ITrainingObserver
    {
        public void Note(string text)
        {
            // The run's own network has said it.
        }

        public void Warn(string text)
        {
            // The run's own network has said it.
        }

        public void StepTaken(StepMetrics metrics, long plannedSteps)
        {
            // Not a run.
        }
    }
}
