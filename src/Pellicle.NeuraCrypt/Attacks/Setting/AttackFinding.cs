namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>What one attack found on the encodings of one key.</summary>
internal sealed record AttackFinding
{
    /// <summary>How well encodings were matched to pictures; null for attacks that do not match.</summary>
    public MatchScore? Score { get; init; }

    /// <summary>Accuracy of each part.</summary>
    public IReadOnlyList<AttackStage> Stages { get; init; } = [];

    /// <summary>Further numbers.</summary>
    public IReadOnlyDictionary<string, double> Extra { get; init; } = new Dictionary<string, double>();

    /// <summary>The same scoring with noise in place of the encodings, of an attack that was trained: must be at chance.</summary>
    public MatchScore? RandomBits { get; init; }
}
