using System.Text.Json.Serialization;

namespace Pellicle.Models;

/// <summary>Sizes of a network on tokens: encodings of patches, or what a trained encoder in front makes of a picture.</summary>
/// <param name="Count">P, tokens of an image.</param>
/// <param name="Width">Numbers of a token.</param>
/// <param name="NumLayers">Blocks of the transformer.</param>
/// <param name="NumHeads">Attention heads.</param>
public sealed record TokenSpec(int Count, int Width, int NumLayers, int NumHeads)
{
    /// <summary>Sources with a learned token each; 0 for none. An input then has one token more, which tells the source.</summary>
    public int Sources { get; init; }

    /// <summary>A learned position for each token.</summary>
    public bool HasPositions { get; init; }

    /// <summary>Share of values dropped in training.</summary>
    public double Dropout { get; init; }

    /// <summary>Layers of the trained encoder in front; null without one: the input is an encoding.</summary>
    public int? EncoderDepth { get; init; }

    /// <summary>The trained encoder puts tokens into a random order while training.</summary>
    public bool EncoderShuffles { get; init; }

    /// <summary>Shape of an encoding as input: [P, width], with a further token if there are several sources.</summary>
    [JsonIgnore]
    public IReadOnlyList<long> InputShape => [Count + (Sources > 1 ? 1 : 0), Width];
}
