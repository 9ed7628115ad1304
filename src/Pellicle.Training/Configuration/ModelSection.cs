using Pellicle.Models;

namespace Pellicle.Training.Configuration;

/// <summary>Section <c>model</c>: what is trained.</summary>
public sealed record ModelSection
{
    /// <summary>Catalogue name, such as cnn_small or vit_tiny.</summary>
    public string Name { get; init; } = "cnn_small";

    /// <summary>Safetensors file with initial weights; null for random initialisation.</summary>
    public string? Weights { get; init; }

    /// <summary>True if <see cref="Weights"/> were trained on public data only: they then need no guarantee of their own.</summary>
    public bool WeightsArePublic { get; init; }

    /// <summary>Side of the square input, pixels; null for the model's own.</summary>
    public int? ImageSize { get; init; }

    /// <summary>J, scales of the wavelets of the scattering networks; null for their own.</summary>
    public int? ScatteringScales { get; init; }

    /// <summary>L, directions of the wavelets of the scattering networks; null for their own.</summary>
    public int? ScatteringAngles { get; init; }

    /// <summary>Source of public images, whose statistics scale the features of networks such as texture_linear; null for none.</summary>
    public string? PublicData { get; init; }

    /// <summary>The part that is trained, before <see cref="Freeze"/> takes layers out.</summary>
    public TrainedPart TrainOnly { get; init; } = TrainedPart.All;

    /// <summary>Rank of the pairs that <see cref="TrainedPart.Lora"/> trains, at least 1; null for 8.</summary>
    public int? LoraRank { get; init; }

    /// <summary>Layers, by path prefix, whose parameters stay as they are.</summary>
    public SettingList<string> Freeze { get; init; } = [];

    /// <summary>What to put in the place of batch normalisation.</summary>
    public BatchNormReplacement ReplaceBatchNorm { get; init; } = BatchNormReplacement.None;
}
