namespace Pellicle.Training.Exchange;

/// <summary>What <c>model import</c> is asked to do.</summary>
public sealed record ModelImportRequest
{
    /// <summary>A safetensors or ONNX file.</summary>
    public required string File { get; init; }

    /// <summary>Where the model goes: a new folder for safetensors, a new file for ONNX.</summary>
    public required string Out { get; init; }

    /// <summary>Catalog name, for safetensors.</summary>
    public string? As { get; init; }

    /// <summary>Names of the outputs; null for class0, class1, …</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Side of the input in pixels; null takes the file's own.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Subtracted per channel, on the scale 0..1; null for 0.5 (transformers with timm's names) or ImageNet's constants.</summary>
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>Divides per channel; null as for <see cref="Mean"/>.</summary>
    public IReadOnlyList<float>? Std { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }
}
