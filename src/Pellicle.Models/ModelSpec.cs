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
}
