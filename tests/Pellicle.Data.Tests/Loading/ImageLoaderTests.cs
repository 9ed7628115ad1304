using Pellicle.Core.Errors;

namespace Pellicle.Data.Tests.Loading;

public sealed class ImageLoaderTests : IDisposable
{
    private static readonly ImageTransform Small = ImageTransform.Centred(8, 3);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 1 << 20)]
    [InlineData(2, 2000)]
    public void Batches_do_not_depend_on_threads_cache_or_prefetching(int threads, long cache)
    {
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(30)));
        using var loader = new ImageLoader(dataset, Small, new LoaderOptions { Threads = threads, CacheBytes = cache, PrefetchImages = 10 });
        int[] batch = [3, 29, 3, 0, 17, 8];
        var expected = new float[batch.Length * Small.SampleCount];
        for (int i = 0; i < batch.Length; i++)
        {
            Small.Apply(dataset.Read(batch[i]), expected.AsSpan(i * Small.SampleCount, Small.SampleCount));
        }

        for (int round = 0; round < 4; round++)
        {
            loader.Prefetch([.. Enumerable.Range(0, 30 / (round + 1))]);
            var actual = new float[expected.Length];
            loader.Fill(batch, actual);
            Assert.Equal(expected, actual);
        }

        Assert.InRange(loader.CachedBytes, 0, cache);
    }

    [Fact]
    public void Many_threads_may_fill_at_once()
    {
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(40)));
        using var loader = new ImageLoader(dataset, Small, new LoaderOptions { CacheBytes = 4000 });
        var expected = new float[40][];
        for (int i = 0; i < 40; i++)
        {
            expected[i] = new float[Small.SampleCount];
            Small.Apply(dataset.Read(i), expected[i]);
        }

        Parallel.For(0, 24, new ParallelOptions { MaxDegreeOfParallelism = 6 }, k =>
        {
            int[] batch = [.. Enumerable.Range(0, 12).Select(i => (k * 7 + i * 3) % 40)];
            var actual = new float[batch.Length * Small.SampleCount];
            loader.Prefetch(batch[..4]);
            loader.Fill(batch, actual);
            for (int i = 0; i < batch.Length; i++)
            {
                Assert.True(actual.AsSpan(i * Small.SampleCount, Small.SampleCount).SequenceEqual(expected[batch[i]]));
            }
        });
    }

    [Fact]
    public void An_empty_batch_is_nothing_to_do()
    {
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(5)));
        using var loader = new ImageLoader(dataset, Small);
        loader.Fill([], []);
    }

    [Fact]
    public void All_unreadable_pictures_of_a_batch_are_named()
    {
        string csv = "file,label\n0.png,a\n1.png,b\n2.png,a\n";
        byte[] good = TestPictures.Png();
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(csv, [("0.png", good), ("1.png", good[..60]), ("2.png", "no picture"u8.ToArray())])));
        using var loader = new ImageLoader(dataset, Small);
        loader.Prefetch([1, 2]);
        DataFormatException e = Assert.Throws<DataFormatException>(() => loader.Fill([0, 1, 2], new float[3 * Small.SampleCount]));
        Assert.Equal(2, e.Problems.Count);
        Assert.Contains(e.Problems, p => p.Message.Contains("1.png", StringComparison.Ordinal));
        Assert.Contains(e.Problems, p => p.Message.Contains("2.png", StringComparison.Ordinal));

        var one = new float[Small.SampleCount]; // the loader is still usable
        loader.Fill([0], one);
        Assert.Contains(one, v => v > -1);
    }

    [Fact]
    public void A_destination_of_the_wrong_length_is_refused()
    {
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(5)));
        using var loader = new ImageLoader(dataset, Small);
        Assert.Throws<ArgumentException>(() => loader.Fill([0, 1], new float[Small.SampleCount]));
    }

    [Fact]
    public void Disposing_with_work_in_the_queue_ends_at_once_and_may_be_repeated()
    {
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(30)));
        var loader = new ImageLoader(dataset, Small);
        loader.Prefetch([.. Enumerable.Range(0, 30)]);
        loader.Dispose();
        loader.Dispose();
    }
}
