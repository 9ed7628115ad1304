using System.Text.Json.Serialization;

namespace Pellicle.Data.Inspection;

/// <summary>What was found in a source: the result of <c>data inspect</c>. Names, counts and sizes; no pixels and no patient ids.</summary>
public sealed record DatasetInspection
{
    /// <summary>The source text.</summary>
    public required string Source { get; init; }

    /// <summary>Kind of the source.</summary>
    public required SourceKind Kind { get; init; }

    /// <summary>Images listed, unreadable ones included.</summary>
    public required int Images { get; init; }

    /// <summary>Files that cannot be used, with the reason, in the order of the source.</summary>
    public required IReadOnlyList<UnreadableImage> Unreadable { get; init; }

    /// <summary>Class names in the order of their indices.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Images per split and class; combinations without images are left out.</summary>
    public required IReadOnlyList<SplitClassCount> Counts { get; init; }

    /// <summary>Sizes of the readable images, most frequent first; at most 100.</summary>
    public required IReadOnlyList<ImageSizeCount> Sizes { get; init; }

    /// <summary>Images whose pixels equal those of an image before them.</summary>
    public required int Duplicates { get; init; }

    /// <summary>Number of patients; null unless every image has one.</summary>
    public required int? Patients { get; init; }

    /// <summary>Images per patient; null unless every image has one.</summary>
    public required ImagesPerPatient? ImagesPerPatient { get; init; }

    /// <summary>Columns of the source's table.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>DICOM tags present; empty for other images.</summary>
    public required IReadOnlyList<string> DicomTags { get; init; }

    /// <summary>Options worth giving to <c>train</c>, such as "--patient-column lesion".</summary>
    public required IReadOnlyList<string> SuggestedOptions { get; init; }

    /// <summary>True if the images are procedural.</summary>
    public required bool IsSynthetic { get; init; }

    /// <summary>Problems that are not in the other fields, in words; for the "warnings" of the envelope.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A file that cannot be used.</summary>
/// <param name="File">Name within the source.</param>
/// <param name="Reason">What is wrong.</param>
public sealed record UnreadableImage(string File, string Reason);

/// <summary>Images of one class in one split.</summary>
/// <param name="Split">"train", "validation" or "test".</param>
/// <param name="Class">Class name.</param>
/// <param name="Images">Their number.</param>
public sealed record SplitClassCount(string Split, string Class, int Images);

/// <summary>Images of one size.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Images">Their number.</param>
public sealed record ImageSizeCount(int Width, int Height, int Channels, int Images);

/// <summary>Images per patient.</summary>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="Max">Largest number.</param>
public sealed record ImagesPerPatient(double Mean, int Max);
