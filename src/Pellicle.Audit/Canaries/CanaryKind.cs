namespace Pellicle.Audit.Canaries;

/// <summary>What a canary is made of.</summary>
public enum CanaryKind
{
    /// <summary>A held-out image under a wrong label.</summary>
    Mislabelled,

    /// <summary>Independent uniform pixels under a random label.</summary>
    Noise,

    /// <summary>A gradient of norm C along a direction of its own, added to the sum of a step that draws it (white box).</summary>
    Gradient,
}
