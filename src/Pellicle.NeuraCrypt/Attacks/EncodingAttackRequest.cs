using Pellicle.Data;
using Pellicle.Nn;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>An attack on a release: which, with which pictures, how hard.</summary>
public sealed record EncodingAttackRequest
{
    /// <summary>Public folder of the release.</summary>
    public required string PublicFolder { get; init; }

    /// <summary>Candidate pictures.</summary>
    public required string Gallery { get; init; }

    /// <summary>How to read them.</summary>
    public required DatasetOptions Options { get; init; }

    /// <summary>Names out of <see cref="AttackCatalog.Names"/>; at least one.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>Secret folder of the release, for scoring only; null attacks drawn keys alone.</summary>
    public string? SecretFolder { get; init; }

    /// <summary>Key of the release, which opens the secret folder; for scoring only.</summary>
    public string? KeyFile { get; init; }

    /// <summary>How hard.</summary>
    public AttackBudget Budget { get; init; } = new();

    /// <summary>Number format of the products of encoders that are drawn.</summary>
    public ProductPrecision Precision { get; init; }

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = 2;
}
