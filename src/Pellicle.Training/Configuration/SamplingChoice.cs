namespace Pellicle.Training.Configuration;

/// <summary>Ways to draw the units of a step that <c>--sampling</c> offers. Each is accounted for in its own way.</summary>
public enum SamplingChoice
{
    /// <summary>Each unit joins each step independently: add-or-remove-one, with amplification.</summary>
    Poisson,

    /// <summary>Exactly L units a step, without replacement: replace-one, rdp accountant only.</summary>
    FixedSize,

    /// <summary>Each epoch a permutation cut into batches: zero-out-one, no amplification claimed.</summary>
    Shuffled,

    /// <summary>All units in every step: add-or-remove-one, exact.</summary>
    Full,
}
