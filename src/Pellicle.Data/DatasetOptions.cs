namespace Pellicle.Data;

/// <summary>How to read a source. All values are public constants chosen without looking at private data.</summary>
public sealed record DatasetOptions
{
    /// <summary>Column with the image file of a <c>csv:</c> or <c>pack:</c> source; null takes the first of file, image, path, filename.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>Column with the class; null takes the first of label, class.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Column with the patient, or another group that must stay in one split; null takes the first of patient, patient_id, if there.</summary>
    public string? PatientColumn { get; init; }

    /// <summary>Column with the split; null takes "split", if there.</summary>
    public string? SplitColumn { get; init; }

    /// <summary>Columns that enter the data set as <see cref="ImageRecord.Attributes"/>; others do not.</summary>
    public IReadOnlyList<string> AttributeColumns { get; init; } = [];

    /// <summary>Train/validation/test shares in percent, used when the source has no split of its own.</summary>
    public string Split { get; init; } = "80/10/10";

    /// <summary>Share of the patients (or images) of "train" that become "validation" when the source has its own split without one; 0 leaves it empty.</summary>
    public double ValidationShare { get; init; }

    /// <summary>Seed of splits, of <see cref="Limit"/> and of synthetic images.</summary>
    public ulong Seed { get; init; }

    /// <summary>Keeps about this many images, chosen by a hash of the file name and the seed; null keeps all.</summary>
    public int? Limit { get; init; }

    /// <summary>The class names and their order, for example those of a trained model; other labels are then errors. Null: all labels found, sorted.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Leaves out images whose label is empty or "unknown"; otherwise they are errors.</summary>
    public bool SkipUnlabelled { get; init; }

    /// <summary>A table without a label column gives every image the class "image": for attacks, which ask for attributes and not for a class. One class is then no error.</summary>
    public bool LabelIsOptional { get; init; }

    /// <summary>An image of a table that is not there is looked for as PNG or JPEG of the same name: tools that obfuscate images write JPEG as PNG.</summary>
    public bool TakesOtherExtensions { get; init; }

    /// <summary>Folder that the image names of a <c>csv:</c> or <c>json:</c> source are relative to, and below which absolute names must lie; null is the CSV's own folder.</summary>
    public string? ImageRoot { get; init; }

    /// <summary>Which values of DICOM images become black and white.</summary>
    public DicomWindow Window { get; init; } = DicomWindow.Auto;

    /// <summary>Most pixels of one image; larger ones are refused before memory is allocated.</summary>
    public long MaxPixels { get; init; } = 64L << 20;

    /// <summary>Largest image file in bytes.</summary>
    public long MaxFileBytes { get; init; } = 256L << 20;

    /// <summary>Opens data that training would refuse (one class, no training images, a patient in two splits) and reports that as warnings.</summary>
    public bool ForInspection { get; init; }
}
