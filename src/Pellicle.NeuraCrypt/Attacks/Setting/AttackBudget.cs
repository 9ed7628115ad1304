namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>How much an attacker spends. More finds more: what an attack does not find with a budget, another may.</summary>
public sealed record AttackBudget
{
    /// <summary>Fewest images with which a rating means anything.</summary>
    public const int FewestImages = 16;

    /// <summary>Encodings attacked, and pictures in the gallery, at most; at least 16.</summary>
    public int Images { get; init; } = 128;

    /// <summary>Keys whose encodings are attacked, the release's own included; at least 1.</summary>
    public int Keys { get; init; } = 3;

    /// <summary>Known picture–encoding pairs, one run of <c>known-plaintext</c> each; those that leave fewer than 16 unknown are left out.</summary>
    public IReadOnlyList<int> Pairs { get; init; } = [1, 10, 100, 1000];

    /// <summary>Steps of trained attacks (MLPs of <c>matching</c>, <c>mmd</c>, <c>gan</c>, <c>contrastive</c>); at least 1. The published break takes 80,000.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Adam steps that refine a cloned encoder after its last layer was fitted; at least 0. The published break takes 2,000.</summary>
    public int CloneSteps { get; init; }

    /// <summary>Encoders that an attacker draws to train on; at least 1. The published break takes 30.</summary>
    public int OwnEncoders { get; init; } = 8;

    /// <summary>Width of the encoder that <c>mmd</c>, <c>gan</c> and <c>transfer</c> train, in widths of the release's; 1 to 3. The linear kind has no inner width.</summary>
    public int AttackerWidth { get; init; } = 1;

    /// <summary>Gallery sizes of the fingerprint's curve; none leaves it out.</summary>
    public IReadOnlyList<int> Curve { get; init; } = [];
}
