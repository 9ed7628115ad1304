namespace Pellicle.Audit.Canaries;

/// <summary>What a canary is made of.</summary>
public enum CanaryKind
{
    /// <summary>A held-out image under a wrong label.</summary>
    Mislabelled,

    /// <summary>Independent uniform pixels under a random label.</summary>
    Noise,
}
