using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Models;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>Gives a network the statistics that it takes from public images, before it sees a private one: open the public source → read its first images → estimate.</summary>
internal static class PublicStatistics
{
    /// <summary>Most images that are read: statistics of some hundred features change little beyond.</summary>
    public const int MostImages = 2000;

    private const int BatchImages = 50;

    /// <summary>Estimates the statistics if the network needs them.</summary>
    /// <param name="model">The network, weights loaded.</param>
    /// <param name="config">Settings of the run.</param>
    /// <param name="data">The run's own images, for the form of the input.</param>
    /// <param name="observer">Told what was read.</param>
    /// <exception cref="UsageException">The network needs public images and none are named, or they are named for one that needs none.</exception>
    /// <exception cref="DataFormatException">The public source cannot be read, or has too few images.</exception>
    /// <exception cref="PrivacyRefusedException">The public source is the private one.</exception>
    public static void Fit(ImageClassifier model, TrainConfig config, TrainingData data, ITrainingObserver observer)
    {
        string? source = config.Model.PublicData;
        if (model.Root is not IPubliclyFitted network)
        {
            if (source is not null)
            {
                throw new UsageException($"--public-data is '{source}', but {model.Spec.Name} takes no statistics from public images.", "Use --model texture_linear, or leave it out.");
            }

            return;
        }

        if (source is null)
        {
            if (!network.IsFitted)
            {
                throw new UsageException(
                    $"{model.Spec.Name} brings its features to one scale by statistics of public images, and none are named.",
                    "Add --public-data SRC, such as --public-data synth:dermoscopy,images=2000 (images painted by a program), or --weights of a run that had it.");
            }

            return;
        }

        using ImageDataset dataset = ImageDataset.Open(source, RunConfig.DatasetOptions(config with { Data = new DataSection { Limit = MostImages } }));
        if (dataset.Fingerprint == data.Dataset.Fingerprint || dataset.Source == data.Dataset.Source)
        {
            throw new PrivacyRefusedException(
                $"--public-data names the private images themselves ('{source}'): their statistics would be released without being charged.",
                "Name images that are public, such as synth:dermoscopy,images=2000.");
        }

        IReadOnlyList<int> records = dataset.RequireSplit(SplitName.Train);
        if (records.Count < network.FewestImages)
        {
            throw new DataFormatException($"--public-data '{source}' has {records.Count} training images; {model.Spec.Name} needs at least {network.FewestImages}.", "Name a larger source.");
        }

        ImageTransform transform = data.Transform ?? throw new UsageException("--public-data belongs to networks on pictures, and the data are encodings.", "Leave it out.");
        using var loader = new ImageLoader(dataset, transform, new LoaderOptions { Threads = config.Data.LoaderThreads ?? Math.Max(1, Environment.ProcessorCount) });
        network.Fit(records.Chunk(BatchImages).Select(batch => Batch(loader, transform, batch)));
        observer.Note($"statistics of the features come from {records.Count} images of {dataset.Source}, taken to be public");
    }

    private static Tensor Batch(ImageLoader loader, ImageTransform transform, int[] records)
    {
        Tensor images = Tensor.Empty(DType.Float32, records.Length, transform.Channels, transform.ImageSize, transform.ImageSize);
        loader.Fill(records, images.Data<float>());
        return images;
    }
}
