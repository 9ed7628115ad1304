using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Data.Images;
using Pellicle.Data.Inspection;
using Pellicle.Data.Sources;
using Pellicle.Formats.Json;
using Pellicle.Formats.Npy;

namespace Pellicle.Data.Preparation;

/// <summary>Open the source → decode and resize → write shards → write the manifest → put the folder in its place.</summary>
/// <remarks>All is written beside the final folder under a temporary name and renamed at the end, so a folder with the final name is whole. What an
/// interrupted call left is removed by the next one, which starts anew.</remarks>
public sealed class PreparePipeline
{
    private readonly Action<int, int>? _progress;

    /// <summary>Makes a pipeline.</summary>
    /// <param name="progress">Receives images done and images in all; may be null.</param>
    public PreparePipeline(Action<int, int>? progress = null) => _progress = progress;

    /// <summary>Prepares a source.</summary>
    /// <param name="request">What and where.</param>
    /// <param name="cancellation">Stops between images and removes what was written.</param>
    /// <exception cref="UsageException">The folder exists.</exception>
    /// <exception cref="DataFormatException">The source or some images cannot be used: all of them are listed.</exception>
    /// <exception cref="EnvironmentException">The folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public PrepareResult Run(PrepareRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckTarget(request);
        using var dataset = ImageDataset.Open(request.Source, request.Options);
        int channels = request.Grayscale ? 1 : dataset.Read(0).Channels;
        var transform = ImageTransform.Centred(request.ImageSize, channels);
        string temporary = Path.TrimEndingDirectorySeparator(request.OutFolder) + ".partial";
        try
        {
            Remove(temporary);
            Directory.CreateDirectory(temporary);
            List<PreparedShard> shards = WriteShards(dataset, transform, temporary, request, cancellation);
            PreparedManifest manifest = Describe(dataset, request, channels, shards);
            AtomicFile.WriteAllText(Path.Combine(temporary, PreparedManifest.FileName), JsonSerializer.Serialize(manifest, PellicleJson.Indented) + "\n");
            if (dataset.IsSynthetic)
            {
                AtomicFile.WriteAllText(Path.Combine(temporary, "SYNTHETIC.txt"), "SYNTHETIC – not patient data\n");
            }

            long bytes = shards.Sum(s => new FileInfo(Path.Combine(temporary, s.File)).Length);
            Remove(request.OutFolder);
            Directory.Move(temporary, request.OutFolder);
            return new PrepareResult(
                request.OutFolder, Path.Combine(request.OutFolder, PreparedManifest.FileName), request.Source, dataset.Records.Count, dataset.Classes, Counts(dataset),
                request.ImageSize, channels, dataset.PatientCount, shards.Count, bytes, dataset.IsSynthetic, dataset.Warnings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"'{request.OutFolder}' cannot be written: {e.Message.Split('\n')[0]}", "Give a writable --out with enough room.", inner: e);
        }
        finally
        {
            TryRemove(temporary);
        }
    }

    private static void CheckTarget(PrepareRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Threads, 1);
        if (File.Exists(request.OutFolder))
        {
            throw new UsageException($"--out is '{request.OutFolder}', which is a file; expected a folder that does not exist", "Give another --out.");
        }

        if (Directory.Exists(request.OutFolder) && Directory.EnumerateFileSystemEntries(request.OutFolder).Any() && !(request.Replace && PreparedSource.IsIn(request.OutFolder)))
        {
            throw new UsageException($"the folder '{request.OutFolder}' already holds files", "Give another --out, or --yes to replace a folder that 'data prepare' wrote.");
        }
    }

    private List<PreparedShard> WriteShards(ImageDataset dataset, ImageTransform transform, string folder, PrepareRequest request, CancellationToken cancellation)
    {
        int size = transform.SampleCount;
        int perShard = Math.Clamp(request.ShardBytes / size, 1, dataset.Records.Count);
        var shards = new List<PreparedShard>();
        var problems = new ProblemList();
        using var scratch = new ThreadLocal<PixelScratch>(() => new PixelScratch());
        int done = 0;
        for (int first = 0; first < dataset.Records.Count; first += perShard)
        {
            int count = Math.Min(perShard, dataset.Records.Count - first);
            var pixels = new byte[(long)count * size];
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = request.Threads, CancellationToken = cancellation }, i =>
            {
                try
                {
                    PreparedImage.Prepare(dataset.Read(first + i, scratch.Value!), transform).WriteInterleaved(pixels.AsSpan(i * size, size), transform.Channels);
                }
                catch (DataFormatException e)
                {
                    lock (problems)
                    {
                        problems.Add(dataset.Records[first + i].File, e.Message, e.Hint);
                    }
                }

                _progress?.Invoke(Interlocked.Increment(ref done), dataset.Records.Count);
            });
            string name = $"shard-{shards.Count:d4}.npy";
            string path = Path.Combine(folder, name);
            NpyFile.Write(path, NpyArray.From<byte>(pixels, [count, transform.ImageSize, transform.ImageSize, transform.Channels]));
            shards.Add(new PreparedShard(name, count, FileHash.Of(path)));
        }

        problems.ThrowIfAny(request.Source);
        return shards;
    }

    private static PreparedManifest Describe(ImageDataset dataset, PrepareRequest request, int channels, List<PreparedShard> shards)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        int? Number(string? patient)
        {
            if (patient is null)
            {
                return null;
            }

            numbers.TryAdd(patient, numbers.Count + 1);
            return numbers[patient];
        }

        IReadOnlyList<string> attributes = request.Options.AttributeColumns;
        return new PreparedManifest
        {
            Source = request.Source,
            SourceFingerprint = dataset.Fingerprint,
            ImageSize = request.ImageSize,
            Channels = channels,
            Window = request.Options.Window.ToString(),
            Classes = dataset.Classes,
            Attributes = attributes,
            HasPatients = dataset.PatientCount is not null,
            IsSynthetic = dataset.IsSynthetic,
            Shards = shards,
            Images = [.. dataset.Records.Select(r => new PreparedImageRow(r.File, dataset.Classes[r.Label], r.Split, Number(r.Patient), [.. attributes.Select(a => r.Attributes[a])]))],
        };
    }

    private static IReadOnlyList<SplitClassCount> Counts(ImageDataset dataset) =>
    [
        .. dataset.Records.GroupBy(r => (r.Split, r.Label))
            .OrderBy(g => SplitName.All.ToList().IndexOf(g.Key.Split)).ThenBy(g => g.Key.Label)
            .Select(g => new SplitClassCount(g.Key.Split, dataset.Classes[g.Key.Label], g.Count())),
    ];

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void TryRemove(string folder)
    {
        try
        {
            Remove(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next call removes it; the error that brought us here matters more.
        }
    }
}
