namespace Pellicle.Training.Exchange;

/// <summary>Forms a model can leave in.</summary>
public enum ModelFormat
{
    /// <summary>Weights with torchvision's or timm's names.</summary>
    Safetensors,

    /// <summary>Graph and weights, opset 17.</summary>
    Onnx,

    /// <summary>A ZIP with both, the description and the privacy statement.</summary>
    Bundle,
}

/// <summary>What <c>model export</c> is asked to do.</summary>
public sealed record ModelExportRequest
{
    /// <summary>A run folder, or a model folder.</summary>
    public required string Model { get; init; }

    /// <summary>Form of the file.</summary>
    public required ModelFormat Format { get; init; }

    /// <summary>The file to write; null for <c>export/model.*</c> inside the folder of the model.</summary>
    public string? OutFile { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }
}
