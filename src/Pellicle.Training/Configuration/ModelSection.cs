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

    /// <summary>Blocks of the networks on encodings; null for their own.</summary>
    public int? NumLayers { get; init; }

    /// <summary>Attention heads of the networks on encodings; null for 8.</summary>
    public int? NumHeads { get; init; }

    /// <summary>Share of values that the networks on encodings drop in training, in [0, 1).</summary>
    public double Dropout { get; init; }

    /// <summary>A learned position for each token of an encoding; always there for the linear control.</summary>
    public bool TokenPositions { get; init; }

    /// <summary>A learned token for each hospital of merged releases.</summary>
    public bool SourceTokens { get; init; }

    /// <summary>Train an encoder of the family of secret encoders in front of the network, on pictures: the plain baseline.</summary>
    public bool EncodeTrainable { get; init; }

    /// <summary>Layers between patches and positions of the trained encoder, at least 0.</summary>
    public int EncoderDepth { get; init; }

    /// <summary>Side of a patch of the trained encoder, pixels.</summary>
    public int EncoderPatch { get; init; } = 16;

    /// <summary>Numbers of a token of the trained encoder.</summary>
    public int EncoderHidden { get; init; } = 2048;

    /// <summary>The trained encoder puts tokens into a random order while training.</summary>
    public bool EncoderShuffle { get; init; }
}
