using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Data.Splits;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Viewmaker.Subjects;

/// <summary>The data of an obfuscation: pictures in memory, task and attributes as classes, and the four parts by patient.</summary>
/// <remarks>A split of the source's own is not used: the protocol needs four parts, and patients on one side only.</remarks>
public sealed class SubjectData : IDisposable
{
    private const long MostBytes = 8L << 30;
    private readonly Dictionary<SubjectPart, IReadOnlyList<int>> _parts;

    private SubjectData(ImageDataset dataset, PictureSet pictures, SubjectColumn task, IReadOnlyList<SubjectColumn> attributes, IReadOnlyList<SubjectColumn> watched, ulong seed)
    {
        Dataset = dataset;
        Pictures = pictures;
        Task = task;
        Attributes = attributes;
        Watched = watched;
        Units = [.. dataset.Records.Select(record => record.Patient is null ? "file/" + record.File : "patient/" + record.Patient)];
        _parts = Enum.GetValues<SubjectPart>().ToDictionary(part => part, part => (IReadOnlyList<int>)[.. Enumerable.Range(0, Units.Count).Where(row => PartOf(Units[row], seed) == part)]);
    }

    /// <summary>The source, open.</summary>
    public ImageDataset Dataset { get; }

    /// <summary>All pictures at the image size of training.</summary>
    public PictureSet Pictures { get; }

    /// <summary>What must stay readable.</summary>
    public SubjectColumn Task { get; }

    /// <summary>What is hidden.</summary>
    public IReadOnlyList<SubjectColumn> Attributes { get; }

    /// <summary>Other columns, which must not become easier to read.</summary>
    public IReadOnlyList<SubjectColumn> Watched { get; }

    /// <summary>Patient of each picture, or the picture itself where none is known. Private.</summary>
    public IReadOnlyList<string> Units { get; }

    /// <summary>Which values of DICOM images become black and white.</summary>
    public DicomWindow Window { get; private init; } = DicomWindow.Auto;

    /// <summary>True if pictures have known patients.</summary>
    public bool HasPatients => Dataset.PatientCount is not null;

    /// <summary>Task and attributes, task first.</summary>
    public IReadOnlyList<SubjectColumn> Columns => [Task, .. Attributes];

    /// <summary>Opens the source of a configuration and reads all pictures.</summary>
    /// <param name="config">Data, image size, attributes, task.</param>
    /// <param name="threads">Threads that decode.</param>
    /// <exception cref="PellicleException">Data or settings cannot be used.</exception>
    public static SubjectData Open(TrainConfig config, int threads) => Open(config, threads, options => options);

    /// <summary>Opens images for an attack on attributes alone: the table needs no class, and an image may have become a PNG of the same name. Without a class, <see cref="Task"/> has one class only.</summary>
    /// <param name="config">Data, image size, attributes.</param>
    /// <param name="threads">Threads that decode.</param>
    /// <param name="skipsMissing">Leave out rows of the table whose image is not there, or that are wrong in other ways; otherwise they are errors.</param>
    /// <exception cref="PellicleException">Data or settings cannot be used.</exception>
    public static SubjectData OpenForAttack(TrainConfig config, int threads, bool skipsMissing) =>
        Open(config, threads, options => options with { LabelIsOptional = true, TakesOtherExtensions = true, ForInspection = skipsMissing });

    private static SubjectData Open(TrainConfig config, int threads, Func<DatasetOptions, DatasetOptions> change)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Data.Source is null)
        {
            throw new UsageException("no data are named.", "Give --data SRC.");
        }

        if (config.Obfuscate.Attributes.Count == 0)
        {
            throw new UsageException("no attribute to hide is named.", "Give --private-attribute, such as sex or sex,age:60.");
        }

        string[] names = [.. config.Obfuscate.Attributes.Select(SubjectColumn.NameOf)];
        DatasetOptions options = change(RunConfig.DatasetOptions(config) with { SkipUnlabelled = true, AttributeColumns = [.. names.Union(config.Data.Attributes.Select(SubjectColumn.NameOf))], LabelColumn = config.Obfuscate.Task ?? config.Data.Label });
        ImageDataset dataset = ImageDataset.Open(config.Data.Source, options);
        try
        {
            SubjectColumn task = new(config.Obfuscate.Task ?? config.Data.Label ?? "label", dataset.Classes, [.. dataset.Records.Select(record => record.Label)]);
            SubjectColumn[] attributes = [.. config.Obfuscate.Attributes.Select(name => Column(dataset, name))];
            SubjectColumn[] watched = [.. config.Data.Attributes.Where(name => !names.Contains(SubjectColumn.NameOf(name))).Select(name => Column(dataset, name))];
            var data = new SubjectData(dataset, ReadAll(dataset, SideOf(config, dataset), threads), task, attributes, watched, config.Seed) { Window = options.Window };
            data.RequireParts(options.LabelIsOptional ? data.Attributes : data.Columns);
            return data;
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    /// <summary>Rows of a part, ascending.</summary>
    /// <param name="part">Which.</param>
    public IReadOnlyList<int> RowsOf(SubjectPart part) => _parts[part];

    /// <summary>Number of patients in a part; null where no patients are known.</summary>
    /// <param name="part">Which.</param>
    public int? PatientsOf(SubjectPart part) => HasPatients ? UnitsOf(part) : null;

    /// <summary>Number of patients in a part, or of pictures where no patients are known.</summary>
    /// <param name="part">Which.</param>
    public int UnitsOf(SubjectPart part) => RowsOf(part).Select(row => Units[row]).Distinct().Count();

    /// <inheritdoc/>
    public void Dispose() => Dataset.Dispose();

    private static SubjectPart PartOf(string unit, ulong seed) => StableHash.Position("obfuscation", seed, unit) switch
    {
        < 0.4 => SubjectPart.Generator,
        < 0.7 => SubjectPart.Attacker,
        < 0.8 => SubjectPart.Validation,
        _ => SubjectPart.Test,
    };

    private static SubjectColumn Column(ImageDataset dataset, string specification)
    {
        string name = SubjectColumn.NameOf(specification);
        return SubjectColumn.Of(specification, dataset.ColumnValues(name) ?? throw new UsageException($"{dataset.Source} has no column '{name}'; its columns are {string.Join(", ", dataset.Columns)}.", "Name one of these with --private-attribute."));
    }

    private static int SideOf(TrainConfig config, ImageDataset dataset)
    {
        if (config.Model.ImageSize is { } side)
        {
            return side;
        }

        RawImage first = dataset.Read(0);
        return Math.Clamp(Math.Min(first.Width, first.Height) / 4 * 4, 16, 64);
    }

    private static PictureSet ReadAll(ImageDataset dataset, int side, int threads)
    {
        int channels = dataset.Read(0).Channels;
        if ((long)dataset.Records.Count * channels * side * side > MostBytes)
        {
            throw new UsageException($"{dataset.Records.Count} pictures of {channels} x {side} x {side} samples do not fit the memory for them (8 GiB).", "Give a smaller --image-size, or --limit.");
        }

        var transform = new ImageTransform(side, channels, [.. Enumerable.Repeat(0f, channels)], [.. Enumerable.Repeat(1f, channels)]);
        using var loader = new ImageLoader(dataset, transform, new LoaderOptions { Threads = threads, CacheBytes = 0 });
        var values = new float[transform.SampleCount];
        return PictureSet.Fill(channels, side, dataset.Records.Count, (row, samples) =>
        {
            if (row % 64 == 0)
            {
                loader.Prefetch([.. Enumerable.Range(row, Math.Min(128, dataset.Records.Count - row))]);
            }

            loader.Fill([row], values);
            PictureSet.Quantise(values, samples);
        });
    }

    private void RequireParts(IReadOnlyList<SubjectColumn> columns)
    {
        foreach (SubjectPart part in Enum.GetValues<SubjectPart>())
        {
            foreach (SubjectColumn column in columns)
            {
                int present = RowsOf(part).Select(row => column.Labels[row]).Where(label => label >= 0).Distinct().Count();
                if (present < 2)
                {
                    throw new DataFormatException(
                        $"{Dataset.Source}: the part '{part.ToString().ToLowerInvariant()}' ({RowsOf(part).Count} images{(PatientsOf(part) is { } patients ? $" of {patients} patients" : "")}) has {present} classes of '{column.Name}'; expected at least two.",
                        "Give more images, another --seed, or other groups.");
                }
            }
        }
    }
}
