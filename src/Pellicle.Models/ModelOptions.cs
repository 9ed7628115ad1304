namespace Pellicle.Models;

/// <summary>What the data decide about a network.</summary>
/// <param name="ImageSize">Pixels on a side of the square input, above 0.</param>
/// <param name="Channels">1 for grey, 3 for colour.</param>
/// <param name="Classes">K, at least 2.</param>
public sealed record ModelOptions(int ImageSize, int Channels, int Classes)
{
    /// <summary>Pixels on a side of a patch; null lets the catalog choose (16, or less for small images).</summary>
    public int? PatchSize { get; init; }

    /// <summary>J of the scattering networks; null lets the catalog choose.</summary>
    public int? ScatteringScales { get; init; }

    /// <summary>L of the scattering networks; null lets the catalog choose.</summary>
    public int? ScatteringAngles { get; init; }

    /// <summary>What a network on encodings is made for; null for networks on pictures.</summary>
    public TokenSpec? Tokens { get; init; }
}
