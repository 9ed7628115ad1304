namespace Pellicle.Data.Preparation;

/// <summary>Content of <c>manifest.json</c> in a folder that <c>data prepare</c> wrote. Paths are relative to that folder.</summary>
public sealed record PreparedManifest
{
    /// <summary>Name of the manifest in its folder.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Version of this layout.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The source text it was made from.</summary>
    public required string Source { get; init; }

    /// <summary>Fingerprint of the source.</summary>
    public required string SourceFingerprint { get; init; }

    /// <summary>Side of every picture in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>1 (grey) or 3 (RGB).</summary>
    public required int Channels { get; init; }

    /// <summary>Window of DICOM images.</summary>
    public required string Window { get; init; }

    /// <summary>Class names in the order of their indices.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Attribute columns that were kept.</summary>
    public required IReadOnlyList<string> Attributes { get; init; }

    /// <summary>True if every image has a patient number.</summary>
    public required bool HasPatients { get; init; }

    /// <summary>True if the images are procedural.</summary>
    public required bool IsSynthetic { get; init; }

    /// <summary>NumPy files, each [n, S, S, C] of 8 bits.</summary>
    public required IReadOnlyList<PreparedShard> Shards { get; init; }

    /// <summary>The images, shard by shard in order.</summary>
    public required IReadOnlyList<PreparedImageRow> Images { get; init; }
}

/// <summary>One file of pictures.</summary>
/// <param name="File">Relative path.</param>
/// <param name="Images">Pictures in it.</param>
/// <param name="Sha256">Of the file, hexadecimal.</param>
public sealed record PreparedShard(string File, int Images, string Sha256);

/// <summary>One picture.</summary>
/// <param name="File">Its name in the source.</param>
/// <param name="Class">Class name.</param>
/// <param name="Split">train, validation or test.</param>
/// <param name="Patient">Number of the patient within this folder (not the id of the source), or null.</param>
/// <param name="Attributes">Values of the attribute columns, in their order.</param>
public sealed record PreparedImageRow(string File, string Class, string Split, int? Patient, IReadOnlyList<string> Attributes);
