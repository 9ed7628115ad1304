namespace Pellicle.Training.Evaluation;

/// <summary>What <c>predict</c> is asked to do.</summary>
public sealed record PredictRequest
{
    /// <summary>A run folder, a model folder with metadata.json and model.safetensors, or an ONNX file that names classes and normalisation.</summary>
    public required string Model { get; init; }

    /// <summary>Picture files.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Classes to list, most probable first; null lists all.</summary>
    public int? Top { get; init; }

    /// <summary>Encodes pictures for a model that was trained on encodings of this key; null for models on pictures. Not disposed.</summary>
    public IPictureEncoder? Encoder { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }
}
