namespace Pellicle.Training.Exchange;

/// <summary>Result of <c>model import</c>; property names are the JSON fields.</summary>
public sealed record ModelImportResult
{
    /// <summary>As given.</summary>
    public required string File { get; init; }

    /// <summary>What was written.</summary>
    public required string Out { get; init; }

    /// <summary>Catalog name, or null for ONNX.</summary>
    public required string? Model { get; init; }

    /// <summary>Number of values.</summary>
    public required long Parameters { get; init; }

    /// <summary>Names of the outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Pixels on a side.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Subtracted per channel.</summary>
    public required IReadOnlyList<float> Mean { get; init; }

    /// <summary>Divides per channel.</summary>
    public required IReadOnlyList<float> Std { get; init; }

    /// <summary>Tensors of the file that were not used.</summary>
    public required IReadOnlyList<string> UnmatchedKeys { get; init; }

    /// <summary>Parameters that keep their initial values.</summary>
    public required IReadOnlyList<string> MissingKeys { get; init; }

    /// <summary>What was changed or assumed.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
