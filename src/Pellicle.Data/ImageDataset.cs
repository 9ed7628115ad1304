using System.Security.Cryptography;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Data.Encodings;
using Pellicle.Data.Images;
using Pellicle.Data.Sources;
using Pellicle.Data.Splits;

namespace Pellicle.Data;

/// <summary>A set of labelled images from any source: classes, splits and records are settled at opening, pixels are read when asked for.</summary>
/// <remarks>Opening checks the table, the labels, the splits and that all files exist, and reports all problems at once; it decodes nothing.
/// Instances are immutable and may be used by many threads.</remarks>
public sealed class ImageDataset : IDisposable
{
    private readonly ImageSource _source;
    private readonly int[] _items;
    private readonly Dictionary<string, IReadOnlyList<int>> _bySplit;
    private readonly Lazy<string> _fingerprint;

    private ImageDataset(string text, ImageSource source, DatasetOptions options)
    {
        Source = text;
        _source = source;
        var problems = source.Problems;
        List<int> labelled = Labelled(source, options, problems);
        var classes = ClassTable.Of(labelled.Select(i => source.Items[i].Label), options, problems);
        Classes = classes.Names;
        string[] splits = SplitPlan.Assign(source.Items, options, problems);
        var records = new List<ImageRecord>(labelled.Count);
        var items = new List<int>(labelled.Count);
        foreach (int i in Limited(labelled, source, options))
        {
            SourceItem item = source.Items[i];
            if (!classes.TryIndex(item.Label, out int label))
            {
                if (classes.Names.Count == 0)
                {
                    break; // too many classes: said once
                }

                problems.Add(item.File, $"label '{item.Label}' is not one of the classes {string.Join(", ", Classes.Take(20))}", "Give data with the same classes, or name the right column with --label-column.");
                continue;
            }

            records.Add(new ImageRecord(item.File, label, splits[i], item.Patient, item.Attributes));
            items.Add(i);
        }

        Records = records;
        _items = [.. items];
        _bySplit = SplitName.All.ToDictionary(s => s, s => (IReadOnlyList<int>)[.. Enumerable.Range(0, records.Count).Where(i => records[i].Split == s)]);
        var refusals = new ProblemList();
        Refuse(options, refusals);
        if (!options.ForInspection || Records.Count == 0)
        {
            (problems.Count > 0 ? problems : refusals).ThrowIfAny(text); // missing rows would make the refusals misleading
        }

        SetAside = problems.Problems;
        int anonymous = records.Count(r => r.Patient is null);
        if (anonymous > 0 && anonymous < records.Count)
        {
            source.Warnings.Add($"{anonymous} of {records.Count} images have no patient in the column '{source.PatientColumn}': each counts as a patient of its own when splitting");
        }

        Warnings = [.. source.Warnings, .. refusals.Problems.Select(p => $"{p.Where}: {p.Message}")];
        _fingerprint = new Lazy<string>(ComputeFingerprint);
    }

    /// <summary>The source text it was opened with.</summary>
    public string Source { get; }

    /// <summary>Kind of the source.</summary>
    public SourceKind Kind => _source.Kind;

    /// <summary>Class names; a label is an index into this list. Sorted, by number if all names are whole numbers, unless given by the options.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>All images, in the order of the source.</summary>
    public IReadOnlyList<ImageRecord> Records { get; }

    /// <summary>Columns of the source's table; empty if it has none.</summary>
    public IReadOnlyList<string> Columns => _source.Columns;

    /// <summary>Column that gave the patients, or null.</summary>
    public string? PatientColumn => _source.PatientColumn;

    /// <summary>What the encodings look like; null if the source holds pictures.</summary>
    public EncodingLayout? Encodings => (_source as EncodedSource)?.Layout;

    /// <summary>True if the images are procedural, not of patients.</summary>
    public bool IsSynthetic => _source.IsSynthetic;

    /// <summary>Notes for the user that stop nothing.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Rows of the source that could not be taken up; only when opened for inspection.</summary>
    internal IReadOnlyList<Problem> SetAside { get; }

    /// <summary>Number of different patients; null unless every image has one.</summary>
    public int? PatientCount => Records.All(r => r.Patient is not null) ? Records.Select(r => r.Patient).Distinct().Count() : null;

    /// <summary>SHA-256 in hex over classes, records, and size with checksum (archives, arrays) or time of change (files) of every image. A changed value at resume means changed data.</summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Opens a source: "kind:path", or a bare path whose kind is found from its content.</summary>
    /// <param name="source">For example <c>pack:ham10000.zip</c>, <c>images/</c>, <c>synth:dermoscopy</c>.</param>
    /// <param name="options">Columns, splits, limits; null takes the defaults.</param>
    /// <exception cref="UsageException">Unknown kind of source or unusable options.</exception>
    /// <exception cref="DataFormatException">Missing, damaged or unusable data; <see cref="PellicleException.Problems"/> lists all that was found.</exception>
    public static ImageDataset Open(string source, DatasetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new DatasetOptions();
        ImageSource opened = SourceOpener.Open(SourceAddress.Parse(source), options);
        try
        {
            return new ImageDataset(source, opened, options);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Indices of the records of a split, ascending; may be empty.</summary>
    /// <param name="split">One of <see cref="SplitName.All"/>.</param>
    public IReadOnlyList<int> IndicesOf(string split) =>
        _bySplit.TryGetValue(split, out IReadOnlyList<int>? indices) ? indices : throw new ArgumentOutOfRangeException(nameof(split), split, "Expected train, validation or test.");

    /// <summary>Indices of the records of a split that must not be empty.</summary>
    /// <param name="split">One of <see cref="SplitName.All"/>.</param>
    /// <exception cref="DataFormatException">The split has no images.</exception>
    public IReadOnlyList<int> RequireSplit(string split)
    {
        IReadOnlyList<int> indices = IndicesOf(split);
        return indices.Count > 0
            ? indices
            : throw new DataFormatException(
                $"{Source}: the split '{split}' has no images ({string.Join(", ", SplitName.All.Select(s => $"{s} {IndicesOf(s).Count}"))})",
                split == SplitName.Validation ? "Set aside a part of the training images as validation, or choose another split." : "Choose another split, or give data that has it.");
    }

    /// <summary>Number of patients of a split whose images must all have one: for privacy per patient.</summary>
    /// <param name="split">One of <see cref="SplitName.All"/>.</param>
    /// <exception cref="DataFormatException">No column gives patients, or images have none; tells how many.</exception>
    public int RequirePatients(string split)
    {
        IReadOnlyList<int> indices = IndicesOf(split);
        int missing = indices.Count(i => Records[i].Patient is null);
        return missing == 0
            ? indices.Select(i => Records[i].Patient).Distinct().Count()
            : throw new DataFormatException(
                $"{Source}: {missing} of {indices.Count} images of the split '{split}' have no patient{(PatientColumn is null ? "" : $" in the column '{PatientColumn}'")}; privacy per patient needs one for every image",
                PatientColumn is null ? "Name the column that tells the patient with --patient-column, or choose --unit image." : "Fill in the column, delete these lines, or choose --unit image.");
    }

    /// <summary>Reads and decodes one image. Thread-safe.</summary>
    /// <param name="record">Index into <see cref="Records"/>.</param>
    /// <returns>A picture with memory of its own.</returns>
    /// <exception cref="DataFormatException">Missing, damaged or too large; names file and reason.</exception>
    public RawImage Read(int record) => Read(record, new PixelScratch());

    /// <summary>The file of one image as it is stored, for work at its own bit depth; null where there is none (arrays, procedural images). Thread-safe.</summary>
    /// <param name="record">Index into <see cref="Records"/>.</param>
    /// <exception cref="DataFormatException">Missing or too large; names file and reason.</exception>
    public byte[]? ReadFile(int record) => _source.ReadFile(_items[record]);

    /// <summary>Reads one encoding of an <c>encoded:</c> source. Thread-safe.</summary>
    /// <param name="record">Index into <see cref="Records"/>.</param>
    /// <param name="destination">Tokens · width numbers.</param>
    /// <exception cref="DataFormatException">Missing or damaged.</exception>
    internal void ReadEncoding(int record, Span<float> destination) => ((EncodedSource)_source).ReadEncoding(_items[record], destination);

    /// <summary>Number of the hospital that a record of an <c>encoded:</c> source comes from; 0 if there is only one.</summary>
    /// <param name="record">Index into <see cref="Records"/>.</param>
    public int SourceOf(int record) => (_source as EncodedSource)?.SourceOf(_items[record]) ?? 0;

    /// <summary>Values of a table column, one per record; null if there is no such column. The values may be private: never show them singly.</summary>
    /// <param name="column">Name of a column.</param>
    public IReadOnlyList<string>? ColumnValues(string column) => _source.ColumnValues(column) is { } values ? [.. _items.Select(i => values[i])] : null;

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    /// <summary>Reads into buffers of the calling thread; the picture is valid until they are used again.</summary>
    internal RawImage Read(int record, PixelScratch scratch) => _source.Read(_items[record], scratch);

    private static List<int> Labelled(ImageSource source, DatasetOptions options, ProblemList problems)
    {
        var labelled = new List<int>(source.Items.Count);
        int skipped = 0;
        for (int i = 0; i < source.Items.Count; i++)
        {
            if (!ClassTable.IsUnlabelled(source.Items[i].Label) || options.Classes?.Contains(source.Items[i].Label) == true)
            {
                labelled.Add(i);
            }
            else if (options.SkipUnlabelled)
            {
                skipped++;
            }
            else
            {
                problems.Add(source.Items[i].File, "has no label", "Fill in the label, delete the line, or choose another --label-column.");
            }
        }

        if (skipped > 0)
        {
            source.Warnings.Add($"{skipped} images without a label were left out");
        }

        return labelled;
    }

    private static IEnumerable<int> Limited(List<int> items, ImageSource source, DatasetOptions options)
    {
        if (options.Limit is not { } limit || limit >= items.Count)
        {
            return items;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return items.OrderBy(i => StableHash.Position("limit", options.Seed, source.Items[i].File)).Take(limit).Order();
    }

    private void Refuse(DatasetOptions options, ProblemList problems)
    {
        if (Records.Count == 0)
        {
            problems.Add("records", "no images", "Check that the source is the right one.");
            return;
        }

        if (Classes.Count < 2 && !options.LabelIsOptional)
        {
            problems.Add("labels", $"all {Records.Count} images have the label '{Classes[0]}'; expected at least two classes", Columns.Count > 0 ? "Name the column that holds the class with --label-column, or add images of another class." : "Add images of another class.");
        }

        if (IndicesOf(SplitName.Train).Count == 0)
        {
            problems.Add("splits", $"no image is in the split 'train' ({string.Join(", ", SplitName.All.Select(s => $"{s} {IndicesOf(s).Count}"))})", "Correct the split column, or give other shares for the split.");
        }

        SplitPlan.CheckPatients(Records, problems);
    }

    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes($"{text.Length}:{text};"));
        Add($"{Kind}/{Classes.Count}/{Records.Count}");
        foreach (string name in Classes)
        {
            Add(name);
        }

        for (int i = 0; i < Records.Count; i++)
        {
            ImageRecord record = Records[i];
            Add(record.File);
            Add($"{record.Label}/{record.Split}/{(record.Patient is null ? "" : "p" + record.Patient)}");
            Add(_source.Stamp(_items[i]));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
