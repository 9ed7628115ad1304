using System.Collections.Concurrent;
using Pellicle.Core.Errors;
using Pellicle.Data.Images;
using Pellicle.Data.Loading;

namespace Pellicle.Data;

/// <summary>Turns records into batches of numbers: decodes and resizes by several threads, keeps resized pictures, and works ahead.</summary>
/// <remarks>The numbers do not depend on threads, cache or prefetching. Pictures enter the cache in the order in which they are asked for
/// until it is full, and stay: with random sampling every picture is equally likely to come next, so replacing one by another gains nothing.
/// All methods may be called by several threads at once, except <see cref="Dispose"/>.</remarks>
public sealed class ImageLoader : RecordLoader
{
    private readonly ImageDataset _dataset;
    private readonly LoaderOptions _options;
    private readonly NormalisationTable _table;
    private readonly PreparedImage?[] _cache;
    private readonly ConcurrentDictionary<int, DecodeJob> _pending = new();
    private readonly Queue<DecodeJob> _order = new();
    private readonly BlockingCollection<DecodeJob> _work = [];
    private readonly ThreadLocal<PixelScratch> _scratch = new(() => new PixelScratch());
    private readonly Thread[] _threads;
    private long _cachedBytes;
    private int _disposed;

    /// <summary>Starts the background threads.</summary>
    /// <param name="dataset">Stays open as long as the loader; not disposed by it.</param>
    /// <param name="transform">Size, channels and normalisation.</param>
    /// <param name="options">Threads and memory; null takes the defaults.</param>
    public ImageLoader(ImageDataset dataset, ImageTransform transform, LoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(transform);
        _options = options ?? new LoaderOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(_options.CacheBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(_options.PrefetchImages);
        _dataset = dataset;
        Transform = transform;
        _table = new NormalisationTable(transform);
        _cache = new PreparedImage?[dataset.Records.Count];
        _threads = new Thread[_options.Threads];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = "image loader" };
            _threads[i].Start();
        }
    }

    /// <summary>Size, channels and normalisation.</summary>
    public ImageTransform Transform { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Shape => [Transform.Channels, Transform.ImageSize, Transform.ImageSize];

    /// <summary>Bytes that cached pictures hold, at most <see cref="LoaderOptions.CacheBytes"/>.</summary>
    public long CachedBytes => Interlocked.Read(ref _cachedBytes);

    /// <summary>Writes a batch.</summary>
    /// <param name="records">Indices into <see cref="ImageDataset.Records"/>; may repeat, may be empty.</param>
    /// <param name="destination">[n, C, S, S]: exactly n · <see cref="ImageTransform.SampleCount"/> numbers.</param>
    /// <exception cref="DataFormatException">Pictures cannot be decoded; <see cref="PellicleException.Problems"/> lists all of the batch.</exception>
    public override void Fill(ReadOnlySpan<int> records, Span<float> destination)
    {
        int size = Transform.SampleCount;
        if (destination.Length != (long)records.Length * size)
        {
            throw new ArgumentException($"holds {destination.Length} numbers; expected {records.Length} x {size}", nameof(destination));
        }

        DecodeJob[] jobs = Start(records);
        List<DataFormatException>? failures = null;
        for (int i = 0; i < records.Length; i++)
        {
            PreparedImage? image = Volatile.Read(ref _cache[records[i]]);
            if (image is null)
            {
                try
                {
                    jobs[i].Run(Decode);
                    image = jobs[i].Wait();
                }
                catch (DataFormatException e)
                {
                    (failures ??= []).Add(e);
                    continue;
                }

                Keep(records[i], image);
            }

            image.WriteTo(destination.Slice(i * size, size), _table);
        }

        foreach (int record in records)
        {
            _pending.TryRemove(record, out _);
        }

        ThrowIfAny(failures);
    }

    /// <summary>Starts decoding pictures that will be asked for soon, in the background, and returns at once. Errors appear when they are asked for.</summary>
    /// <param name="records">Indices into <see cref="ImageDataset.Records"/>.</param>
    public override void Prefetch(IReadOnlyList<int> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        foreach (int record in records.Take(_options.PrefetchImages))
        {
            if (Volatile.Read(ref _cache[record]) is not null)
            {
                continue;
            }

            var job = new DecodeJob(record);
            if (_pending.TryAdd(record, job))
            {
                Remember(job);
                _work.Add(job);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _work.CompleteAdding();
        while (_work.TryTake(out _))
        {
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _work.Dispose();
        _scratch.Dispose();
    }

    private static void ThrowIfAny(List<DataFormatException>? failures)
    {
        if (failures is null)
        {
            return;
        }

        string more = failures.Count > 1 ? $" ({failures.Count - 1} more pictures of this batch cannot be read)" : "";
        throw new DataFormatException(failures[0].Message + more, failures[0].Hint, [.. failures.Select(f => new Problem("image", f.Message, f.Hint))], failures[0]);
    }

    // All missing pictures are queued before the first is waited for, so that every thread has work; the caller's thread helps.
    private DecodeJob[] Start(ReadOnlySpan<int> records)
    {
        DecodeJob[]? jobs = null;
        for (int i = 0; i < records.Length; i++)
        {
            int record = records[i];
            if (Volatile.Read(ref _cache[record]) is not null)
            {
                continue;
            }

            jobs ??= new DecodeJob[records.Length];
            var job = new DecodeJob(record);
            jobs[i] = _pending.GetOrAdd(record, job);
            if (jobs[i] == job && records.Length > 1)
            {
                _work.Add(job);
            }
        }

        return jobs ?? [];
    }

    private void Remember(DecodeJob job)
    {
        lock (_order)
        {
            _order.Enqueue(job);
            while (_order.Count > _options.PrefetchImages && _order.TryDequeue(out DecodeJob? oldest))
            {
                _pending.TryRemove(new KeyValuePair<int, DecodeJob>(oldest.Record, oldest));
            }
        }
    }

    private PreparedImage Decode(int record) => PreparedImage.Prepare(_dataset.Read(record, _scratch.Value!), Transform);

    private void Keep(int record, PreparedImage image)
    {
        long bytes = image.MemoryBytes;
        if (Interlocked.Add(ref _cachedBytes, bytes) > _options.CacheBytes || Interlocked.CompareExchange(ref _cache[record], image, null) is not null)
        {
            Interlocked.Add(ref _cachedBytes, -bytes);
        }
    }

    private void Work()
    {
        foreach (DecodeJob job in _work.GetConsumingEnumerable())
        {
            job.Run(Decode);
        }
    }
}
