using System.Text.Json.Serialization;

namespace Pellicle.Models;

/// <summary>Everything needed to build a network again: goes into the metadata of saved weights and of runs.</summary>
public sealed record ModelSpec
{
    /// <summary>Name in the catalog, such as "vit_tiny".</summary>
    public required string Name { get; init; }

    /// <summary>Pixels on a side of the square input.</summary>
    public required int ImageSize { get; init; }

    /// <summary>1 for grey, 3 for colour.</summary>
    public required int Channels { get; init; }

    /// <summary>K, number of outputs.</summary>
    public required int Classes { get; init; }

    /// <summary>Pixels on a side of a patch; null for networks without patches.</summary>
    public int? PatchSize { get; init; }

    /// <summary>J, scales of the wavelets; null for networks without a scattering front end.</summary>
    public int? ScatteringScales { get; init; }

    /// <summary>L, directions of the wavelets; null for networks without a scattering front end.</summary>
    public int? ScatteringAngles { get; init; }

    /// <summary>What a network on encodings is made for; null for networks on pictures.</summary>
    public TokenSpec? Tokens { get; init; }

    /// <summary>Shape of one input: [C, S, S] of a picture, or [tokens, width] of an encoding.</summary>
    [JsonIgnore]
    public IReadOnlyList<long> InputShape => Tokens is { EncoderDepth: null } tokens ? tokens.InputShape : [Channels, ImageSize, ImageSize];

    /// <summary>Numbers of one input.</summary>
    [JsonIgnore]
    public int InputCount => checked((int)InputShape.Aggregate(1L, (product, size) => product * size));
}
