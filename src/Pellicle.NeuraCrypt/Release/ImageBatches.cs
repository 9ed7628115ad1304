using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>A source as an encoder sees it: batches [B, C, S, S], normalised on the scale 0..255.</summary>
internal sealed class ImageBatches : IDisposable
{
    private readonly EncoderArchitecture _architecture;
    private readonly ImageLoader _loader;

    public ImageBatches(string source, DatasetOptions options, EncoderArchitecture architecture, int threads)
    {
        _architecture = architecture;
        Dataset = ImageDataset.Open(source, options);
        _loader = new ImageLoader(Dataset, TransformOf(architecture), new LoaderOptions { Threads = threads, CacheBytes = 0 });
    }

    public ImageDataset Dataset { get; }

    /// <summary>What happens to pictures before an encoder: resize, channels, and the constants of its family on the scale 0..1.</summary>
    public static ImageTransform TransformOf(EncoderArchitecture architecture)
    {
        float[] Each(double value) => [.. Enumerable.Repeat((float)(value / 255), architecture.Channels)];
        return new ImageTransform(architecture.ImageSize, architecture.Channels, Each(architecture.Mean), Each(architecture.Std));
    }

    /// <summary>Reads pictures into a tensor of the caller's scope.</summary>
    public Tensor Read(ReadOnlySpan<int> records)
    {
        Tensor images = Tensor.Empty(DType.Float32, records.Length, _architecture.Channels, _architecture.ImageSize, _architecture.ImageSize);
        _loader.Fill(records, images.Data<float>());
        return images;
    }

    /// <summary>Starts decoding.</summary>
    public void Prefetch(IReadOnlyList<int> records) => _loader.Prefetch(records);

    /// <summary>Decodes every picture once: those that cannot be read are found before ids are drawn.</summary>
    public (int[] Readable, IReadOnlyList<SkippedImage> Skipped) Check(CancellationToken cancellation)
    {
        var readable = new List<int>();
        var skipped = new List<SkippedImage>();
        for (int record = 0; record < Dataset.Records.Count; record++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Dataset.Read(record);
                readable.Add(record);
            }
            catch (DataFormatException e)
            {
                skipped.Add(new SkippedImage(Dataset.Records[record].File, e.Message));
            }
        }

        return readable.Count > 0 ? ([.. readable], skipped) : throw new DataFormatException($"{Dataset.Source}: none of {skipped.Count} pictures can be read.", "See what 'pellicle data inspect' says.");
    }

    public void Dispose()
    {
        _loader.Dispose();
        Dataset.Dispose();
    }
}

/// <summary>A picture that was left out.</summary>
/// <param name="File">Name within the source.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedImage(string File, string Reason);
