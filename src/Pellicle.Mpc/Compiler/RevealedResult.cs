namespace Pellicle.Mpc.Compiler;

/// <summary>What the client learns of a prediction.</summary>
public enum RevealedResult
{
    /// <summary>One number a class.</summary>
    Logits,

    /// <summary>The most probable class and nothing else.</summary>
    Class,
}
