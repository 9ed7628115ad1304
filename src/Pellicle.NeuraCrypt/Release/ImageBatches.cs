using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>A source as an encoder sees it: batches [B, C, S, S], normalised on the scale 0..255.</summary>
internal sealed class ImageBatches : IDisposable
{
    // Decoded pictures wait until as many others were asked for; encoding is far slower than decoding.
    private const int PrefetchImages = 64;

    private readonly EncoderArchitecture _architecture;
    private readonly ImageLoader _loader;

    public ImageBatches(string source, DatasetOptions options, EncoderArchitecture architecture, int threads)
    {
        _architecture = architecture;
        Dataset = ImageDataset.Open(source, options);
        _loader = new ImageLoader(Dataset, TransformOf(architecture), new LoaderOptions { Threads = threads, CacheBytes = 0, PrefetchImages = PrefetchImages });
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

    /// <summary>Reads the pictures of entries; mixtures of two are mixed pixel by pixel.</summary>
    public Tensor Read(IReadOnlyList<ReleaseMapEntry> entries)
    {
        Tensor images = Read([.. entries.Select(e => e.Record)]);
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].Mixture is { } mixture)
            {
                images.Narrow(0, i, 1).LerpInPlace(Read([mixture.Second]), mixture.Share);
            }
        }

        return images;
    }

    /// <summary>The first pictures of a list that can be read: for calibration and audit, before the release decodes all.</summary>
    /// <exception cref="DataFormatException">Not one can be read.</exception>
    public int[] FirstReadable(IEnumerable<int> records, int count)
    {
        int[] chosen = [.. records.Where(record => Unreadable(record) is null).Take(count)];
        return chosen.Length > 0 ? chosen : throw new DataFormatException($"{Dataset.Source}: none of its pictures can be read.", "See what 'pellicle data inspect' says.");
    }

    /// <summary>Why a picture cannot be read; null if it can.</summary>
    public SkippedImage? Unreadable(int record)
    {
        try
        {
            Dataset.Read(record);
            return null;
        }
        catch (DataFormatException e)
        {
            return new SkippedImage(Dataset.Records[record].File, e.Message);
        }
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
