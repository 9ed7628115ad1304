using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Models;
using Pellicle.Native;
using Pellicle.Training.Configuration;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Metrics;
using Pellicle.Training.Steps;

namespace Pellicle.Training.Runs;

/// <summary>A finished run opened for evaluation or audit: its settings, model and data.</summary>
public sealed class LoadedRun : IDisposable
{
    private readonly Lazy<(ImageDataset Dataset, RunInput Input)> _data;
    private readonly Func<TrainConfig, IPictureEncoder>? _openEncoder;

    private LoadedRun(RunFolder folder, RunRecord record, TrainConfig config, ImageClassifier model, ModelMetadata metadata, string? dataSource, Func<TrainConfig, IPictureEncoder>? openEncoder)
    {
        _openEncoder = openEncoder;
        Folder = folder;
        Record = record;
        Config = config;
        Model = model;
        Metadata = metadata;
        _data = new Lazy<(ImageDataset, RunInput)>(() => OpenData(dataSource));
    }

    /// <summary>Where it is.</summary>
    public RunFolder Folder { get; }

    /// <summary>Versions, seeds, status.</summary>
    public RunRecord Record { get; }

    /// <summary>Effective settings of training.</summary>
    public TrainConfig Config { get; }

    /// <summary>The trained network.</summary>
    public ImageClassifier Model { get; }

    /// <summary>Classes and constants of the input.</summary>
    public ModelMetadata Metadata { get; }

    /// <summary>The data it was trained on, or the other source asked for; opened at first use.</summary>
    /// <exception cref="DataFormatException">It is not there any more, or it is not the data of the run.</exception>
    public ImageDataset Dataset => _data.Value.Dataset;

    /// <summary>Opens a run.</summary>
    /// <param name="path">The run folder.</param>
    /// <param name="threads">Threads of numerical kernels.</param>
    /// <param name="dataSource">Another source than the run's; null takes the run's own and checks that it is unchanged.</param>
    /// <param name="openEncoder">Opens the key of a run that encodes on the fly; null where keys are not available.</param>
    /// <exception cref="DataFormatException">No run folder, no finished model in it, or damaged.</exception>
    public static LoadedRun Open(string path, int threads, string? dataSource = null, Func<TrainConfig, IPictureEncoder>? openEncoder = null)
    {
        RunFolder folder = RunFolder.Open(path);
        RunRecord record = RunFolder.ReadJson<RunRecord>(folder.RunFile);
        if (!Directory.Exists(folder.ModelFolder))
        {
            throw new DataFormatException($"the run '{path}' has no model yet: its status is '{record.Status.ToString().ToLowerInvariant()}'.", "Finish it with 'pellicle train --resume', then try again.");
        }

        NativeRuntime.Start(threads);
        TrainConfig config = RunConfig.Read(folder);
        (ImageClassifier model, ModelMetadata metadata) = ModelFolder.Load(folder.ModelFolder);
        return new LoadedRun(folder, record, config, model, metadata, dataSource, openEncoder);
    }

    /// <summary>Predicts records of <see cref="Dataset"/>.</summary>
    /// <param name="records">Indices into the records.</param>
    /// <param name="cancellation">Checked between batches.</param>
    /// <returns>Probabilities with labels, losses and patients.</returns>
    public LabelledPredictions Predict(IReadOnlyList<int> records, CancellationToken cancellation = default) =>
        new ModelEvaluator(Model).Predict(_data.Value.Input.Loader, Dataset, records, cancellation);

    /// <summary>Predicts images given as numbers.</summary>
    /// <param name="images">Each [C, S, S], normalised.</param>
    /// <param name="labels">True class of each.</param>
    /// <returns>Probabilities with labels and losses.</returns>
    public LabelledPredictions Predict(IReadOnlyList<float[]> images, IReadOnlyList<int> labels) => new ModelEvaluator(Model).Predict(images, labels);

    /// <summary>Reads pictures as the model sees them.</summary>
    /// <param name="records">Indices into the records.</param>
    /// <returns>Each [C, S, S], normalised.</returns>
    public IReadOnlyList<float[]> ReadPixels(IReadOnlyList<int> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        return [.. records.Select(record =>
        {
            var pixels = new float[_data.Value.Input.Loader.Count];
            _data.Value.Input.Loader.Fill([record], pixels);
            return pixels;
        })];
    }

    /// <summary>Frees the network and closes the data.</summary>
    public void Dispose()
    {
        Model.Dispose();
        if (_data.IsValueCreated)
        {
            _data.Value.Input.Dispose();
            _data.Value.Dataset.Dispose();
        }
    }

    private (ImageDataset Dataset, RunInput Input) OpenData(string? other)
    {
        ImageDataset dataset = ImageDataset.Open(other ?? Config.Data.Source!, RunConfig.DatasetOptions(Config) with { Classes = Metadata.Classes });
        if (other is null && dataset.Fingerprint != Record.DataFingerprint)
        {
            dataset.Dispose();
            throw new DataFormatException(
                $"the data at '{Config.Data.Source}' are not those of the run '{Folder.Root}': files were added, removed or changed since.",
                "Restore the data, or name other data explicitly with --data.");
        }

        try
        {
            var options = new LoaderOptions { Threads = Config.Data.LoaderThreads ?? Environment.ProcessorCount, CacheBytes = 0 };
            RunInput input = RunInput.OfEncodings(dataset, Config, _openEncoder, options.Threads) ?? RunInput.OfPictures(dataset, Metadata.ToTransform(), options);
            return (dataset, input.Loader.Shape.SequenceEqual(Model.Spec.InputShape)
                ? input
                : throw new DataFormatException(
                    $"'{dataset.Source}' gives inputs of shape [{string.Join(", ", input.Loader.Shape)}]; the model of '{Folder.Root}' takes [{string.Join(", ", Model.Spec.InputShape)}].",
                    "Give data like those the run was trained on; encodings must have the same sizes and sources."));
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }
}
