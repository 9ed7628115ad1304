namespace Pellicle.Data;

/// <summary>The work of <c>bench decode</c>: every image of a data set through <see cref="ImageLoader"/> without a cache. The caller holds the watch.</summary>
public static class DecodeWorkload
{
    /// <summary>Decodes, resizes and normalises images in the order of the source.</summary>
    /// <param name="dataset">The images.</param>
    /// <param name="transform">What they are turned into.</param>
    /// <param name="threads">Decoding threads in all, the caller's included; at least 1.</param>
    /// <param name="images">How many images, at least 1; the data set is gone through again if it has fewer.</param>
    /// <returns>The sum of all numbers, so that nothing can be left out and runs can be compared.</returns>
    public static double Run(ImageDataset dataset, ImageTransform transform, int threads, int images)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(transform);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        var options = new LoaderOptions { Threads = Math.Max(1, threads - 1), CacheBytes = 0 };
        using var loader = new ImageLoader(dataset, transform, options);
        var batch = new float[64 * transform.SampleCount];
        double sum = 0;
        foreach (int[] records in Enumerable.Range(0, images).Select(i => i % dataset.Records.Count).Chunk(64))
        {
            Span<float> destination = batch.AsSpan(0, records.Length * transform.SampleCount);
            if (threads == 1)
            {
                for (int i = 0; i < records.Length; i++)
                {
                    loader.Fill([records[i]], destination.Slice(i * transform.SampleCount, transform.SampleCount));
                }
            }
            else
            {
                loader.Fill(records, destination);
            }

            foreach (float value in destination)
            {
                sum += value;
            }
        }

        return sum;
    }
}
