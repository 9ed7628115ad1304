using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Data.Encodings;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Steps;

/// <summary>How the records of a run become numbers: pictures, encodings of a public folder, or pictures encoded on the fly.</summary>
/// <param name="Loader">Gives the numbers; disposed by the owner of this record.</param>
/// <param name="Encodings">What encodings look like; null for pictures.</param>
/// <param name="Transform">What happens to pictures; null for encodings, which are taken as they are.</param>
/// <param name="Encoder">Encodes on the fly, or null; disposed by the owner of this record.</param>
internal sealed record RunInput(RecordLoader Loader, EncodingLayout? Encodings, ImageTransform? Transform, IPictureEncoder? Encoder) : IDisposable
{
    /// <summary>Reads pictures.</summary>
    public static RunInput OfPictures(ImageDataset dataset, ImageTransform transform, LoaderOptions options) =>
        new(new ImageLoader(dataset, transform, options), null, transform, null);

    /// <summary>Reads a public folder, or encodes pictures with a key.</summary>
    /// <param name="dataset">Encodings or pictures.</param>
    /// <param name="config">Settings of the run.</param>
    /// <param name="openEncoder">Opens the key of the settings; null where keys are not available.</param>
    /// <param name="threads">Threads that read.</param>
    /// <returns>Null if the data are pictures and no key is named.</returns>
    /// <exception cref="UsageException">A key is named for data that are encodings already, or keys are not available here.</exception>
    public static RunInput? OfEncodings(ImageDataset dataset, TrainConfig config, Func<TrainConfig, IPictureEncoder>? openEncoder, int threads)
    {
        string? keyFile = config.Data.EncodeWith;
        if (dataset.Encodings is { } layout)
        {
            return keyFile is null
                ? new RunInput(new EncodingLoader(dataset, UsesSources(config, layout), threads), layout, null, null)
                : throw new UsageException($"--encode-with is {keyFile}, but '{dataset.Source}' holds encodings already.", "Leave it out, or give pictures.");
        }

        if (keyFile is null)
        {
            return null;
        }

        IPictureEncoder encoder = openEncoder?.Invoke(config) ?? throw new UsageException($"the run encodes its pictures with the key '{keyFile}', which this command cannot open.", "Use 'train' or 'eval', or train on a public folder (--data encoded:DIR).");
        var pictures = new ImageLoader(dataset, encoder.Transform, new LoaderOptions { Threads = threads, CacheBytes = 0 });
        return new RunInput(new EncodingOnTheFly(pictures, encoder, dataset.Records.Count, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4), encoder.Layout, null, encoder);
    }

    /// <summary>True if the network learns a token for each source.</summary>
    public static bool UsesSources(TrainConfig config, EncodingLayout layout) => config.Model.SourceTokens && layout.Sources.Count > 1;

    public void Dispose()
    {
        Loader.Dispose();
        Encoder?.Dispose();
    }
}
