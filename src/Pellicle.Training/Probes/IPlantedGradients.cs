using Pellicle.Nn;
using Pellicle.Privacy.Plan;
using Pellicle.Tensors;

namespace Pellicle.Training.Probes;

/// <summary>Gradients that an audit plants into a mechanism, and what it does with the noised sums.</summary>
public interface IPlantedGradients
{
    /// <summary>m: units 0 … m−1 of the probe are planted, the others contribute nothing.</summary>
    int Count { get; }

    /// <summary>What a planted unit contributes to a step that drew it, before clipping.</summary>
    /// <param name="stepNumber">1 for the first.</param>
    /// <param name="unit">0 … m−1.</param>
    /// <returns>One tensor per trainable parameter, null for zeros; used before the next call. Null as a whole if the unit is left out.</returns>
    IReadOnlyList<Tensor?>? GradientOf(long stepNumber, int unit);

    /// <summary>Sees what a step released.</summary>
    /// <param name="stepNumber">1 for the first.</param>
    /// <param name="drawn">Units that the step drew.</param>
    /// <param name="constants">Bound, noise and divisor of the step.</param>
    /// <param name="parameters">The trainable parameters; each gradient is the noised sum over the divisor.</param>
    void Observe(long stepNumber, IReadOnlyList<int> drawn, StepNoise constants, IReadOnlyList<Parameter> parameters);
}
