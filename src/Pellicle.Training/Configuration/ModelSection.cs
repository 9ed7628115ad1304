namespace Pellicle.Training.Configuration;

/// <summary>Section <c>model</c>: what is trained.</summary>
public sealed record ModelSection
{
    /// <summary>Catalogue name, such as cnn_small or vit_tiny.</summary>
    public string Name { get; init; } = "cnn_small";

    /// <summary>Safetensors file with initial weights; null for random initialisation.</summary>
    public string? Weights { get; init; }

    /// <summary>Side of the square input, pixels; null for the model's own.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Layers, by path prefix, whose parameters stay as they are.</summary>
    public SettingList<string> Freeze { get; init; } = [];

    /// <summary>What to put in the place of batch normalisation.</summary>
    public BatchNormReplacement ReplaceBatchNorm { get; init; } = BatchNormReplacement.None;
}
