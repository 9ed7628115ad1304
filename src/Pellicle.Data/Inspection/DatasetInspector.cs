using System.Runtime.ExceptionServices;
using Pellicle.Core.Errors;
using Pellicle.Data.Dicom;
using Pellicle.Data.Images;

namespace Pellicle.Data.Inspection;

/// <summary>Reads every image of a source once and says what is there and what is wrong.</summary>
public static class DatasetInspector
{
    private const int MostSizes = 100;

    /// <summary>Inspects a source. Data that training would refuse is described, not refused; unreadable images are collected.</summary>
    /// <param name="source">Source text, as for <see cref="ImageDataset.Open"/>.</param>
    /// <param name="options">Columns and limits; null takes the defaults.</param>
    /// <param name="threads">Threads that decode, at least 1.</param>
    /// <param name="progress">Receives images done and images in all, from several threads; may be null.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="UsageException">Unknown kind of source or unusable options.</exception>
    /// <exception cref="DataFormatException">Not a single image can be listed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DatasetInspection Inspect(string source, DatasetOptions? options = null, int threads = 2, Action<int, int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        using var dataset = ImageDataset.Open(source, (options ?? new DatasetOptions()) with { ForInspection = true });
        var dicom = new DicomFindings();
        Finding[] findings = ReadAll(dataset, threads, dicom, progress, cancellation);
        var warnings = new List<string>(dataset.Warnings);
        if (dicom.MultiFrameFiles > 0)
        {
            warnings.Add($"{dicom.MultiFrameFiles} DICOM files have several frames; the first frame of each is used");
        }

        int duplicates = CountDuplicates(dataset, findings, warnings);
        ImagesPerPatient? perPatient = PerPatient(dataset);
        List<ImageSizeCount> sizes = [.. findings.Where(f => f.Error is null)
            .GroupBy(f => (f.Width, f.Height, f.Channels))
            .Select(g => new ImageSizeCount(g.Key.Width, g.Key.Height, g.Key.Channels, g.Count()))
            .OrderByDescending(s => s.Images).ThenBy(s => s.Width).ThenBy(s => s.Height)];
        if (sizes.Count > MostSizes)
        {
            warnings.Add($"{sizes.Count} different image sizes; the {MostSizes} most frequent are listed");
        }

        return new DatasetInspection
        {
            Source = source,
            Kind = dataset.Kind,
            Images = dataset.Records.Count + dataset.SetAside.Count,
            Unreadable =
            [
                .. dataset.SetAside.Select(p => new UnreadableImage(p.Where, p.Message)),
                .. findings.Select((f, i) => (f.Error, dataset.Records[i].File)).Where(f => f.Error is not null).Select(f => new UnreadableImage(f.File, f.Error!)),
            ],
            Classes = dataset.Classes,
            Counts = Counts(dataset),
            Sizes = [.. sizes.Take(MostSizes)],
            Duplicates = duplicates,
            Patients = dataset.PatientCount,
            ImagesPerPatient = perPatient,
            Columns = dataset.Columns,
            DicomTags = dicom.Describe(),
            SuggestedOptions = OptionSuggestions.For(dataset, sizes, perPatient),
            IsSynthetic = dataset.IsSynthetic,
            Warnings = warnings,
        };
    }

    private static Finding[] ReadAll(ImageDataset dataset, int threads, DicomFindings dicom, Action<int, int>? progress, CancellationToken cancellation)
    {
        var findings = new Finding[dataset.Records.Count];
        int done = 0;
        ExceptionDispatchInfo? broken = null;
        using var scratch = new ThreadLocal<PixelScratch>(() => new PixelScratch { Findings = new DicomFindings() }, trackAllValues: true);
        Parallel.For(0, findings.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, (i, loop) =>
        {
            try
            {
                RawImage image = dataset.Read(i, scratch.Value!);
                findings[i] = new Finding(image.Width, image.Height, image.Channels, image.HashPixels(), null);
            }
            catch (DataFormatException e)
            {
                findings[i] = new Finding(0, 0, 0, "", e.Message);
            }
            catch (PellicleException e)
            {
                broken = ExceptionDispatchInfo.Capture(e); // not this image, but the machine: no image can be read
                loop.Stop();
            }

            progress?.Invoke(Interlocked.Increment(ref done), findings.Length);
        });
        broken?.Throw();
        foreach (PixelScratch one in scratch.Values)
        {
            dicom.Add(one.Findings!);
        }

        return findings;
    }

    private static int CountDuplicates(ImageDataset dataset, Finding[] findings, List<string> warnings)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        int duplicates = 0;
        int across = 0;
        string example = "";
        for (int i = 0; i < findings.Length; i++)
        {
            if (findings[i].Error is not null || first.TryAdd(findings[i].Hash, i))
            {
                continue;
            }

            duplicates++;
            ImageRecord one = dataset.Records[first[findings[i].Hash]];
            ImageRecord other = dataset.Records[i];
            if (one.Split != other.Split)
            {
                example = across++ == 0 ? $"'{one.File}' ({one.Split}) and '{other.File}' ({other.Split})" : example;
            }
        }

        if (across > 0)
        {
            warnings.Add($"{across} images have the same pixels as an image of another split, such as {example}: figures on that split would be too good");
        }

        return duplicates;
    }

    private static ImagesPerPatient? PerPatient(ImageDataset dataset)
    {
        if (dataset.PatientCount is not { } patients || patients == 0)
        {
            return null;
        }

        int max = dataset.Records.GroupBy(r => r.Patient).Max(g => g.Count());
        return new ImagesPerPatient((double)dataset.Records.Count / patients, max);
    }

    private static IReadOnlyList<SplitClassCount> Counts(ImageDataset dataset) =>
    [
        .. from split in SplitName.All
           from label in Enumerable.Range(0, dataset.Classes.Count)
           let images = dataset.IndicesOf(split).Count(i => dataset.Records[i].Label == label)
           where images > 0
           select new SplitClassCount(split, dataset.Classes[label], images),
    ];

    private readonly record struct Finding(int Width, int Height, int Channels, string Hash, string? Error);
}
