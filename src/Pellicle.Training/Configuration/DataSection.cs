namespace Pellicle.Training.Configuration;

/// <summary>Section <c>data</c>: where the images come from.</summary>
public sealed record DataSection
{
    /// <summary>Source such as <c>folder:DIR</c>, <c>csv:FILE</c>, <c>npz:FILE</c>, <c>idx:ZIP</c>, <c>pack:ZIP</c>, <c>dicom:DIR</c>, <c>json:FILE</c>, <c>prepared:DIR</c>, <c>encoded:DIR</c>, <c>synth:KIND</c>, or a bare path; null until given.</summary>
    public string? Source { get; init; }

    /// <summary>Column with the image file; null to recognise it.</summary>
    public string? Image { get; init; }

    /// <summary>Column with the class; null to recognise it.</summary>
    public string? Label { get; init; }

    /// <summary>Column with the patient; null to recognise it. Splits are by patient when there is one.</summary>
    public string? Patient { get; init; }

    /// <summary>Columns kept for metrics by group, such as sex and age.</summary>
    public SettingList<string> Attributes { get; init; } = [];

    /// <summary>Percent train/validation/test, used when the source has no split.</summary>
    public string Split { get; init; } = "80/10/10";

    /// <summary>Share of the training patients (or images) that become validation when the source has a split of its own without one, in [0, 1).</summary>
    public double ValidationShare { get; init; }

    /// <summary>Use at most this many images; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Folder that image names of csv: and json: sources are relative to; null is the table's own folder.</summary>
    public string? ImageRoot { get; init; }

    /// <summary>Which values of DICOM images become black and white: auto, full, or CENTRE,WIDTH.</summary>
    public string Window { get; init; } = "auto";

    /// <summary>Key file with which pictures are encoded on the fly; null to take the data as they are.</summary>
    public string? EncodeWith { get; init; }

    /// <summary>Further sources on whose test split the finished model is evaluated, each NAME=SRC: other hospitals, or encodings of another key.</summary>
    public SettingList<string> Retest { get; init; } = [];

    /// <summary>Threads that decode images; null to choose.</summary>
    public int? LoaderThreads { get; init; }
}
