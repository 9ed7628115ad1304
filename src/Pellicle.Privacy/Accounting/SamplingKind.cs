namespace Pellicle.Privacy.Accounting;

/// <summary>How the units of one logical step are drawn.</summary>
public enum SamplingKind
{
    /// <summary>Each unit joins independently with probability q.</summary>
    Poisson,

    /// <summary>Exactly L of the n units, uniformly without replacement.</summary>
    FixedSize,

    /// <summary>A random permutation cut into batches: each unit once per epoch. No amplification is claimed; one event per epoch.</summary>
    Shuffled,

    /// <summary>All units in every step.</summary>
    FullBatch,
}
