using Pellicle.Nn;

namespace Pellicle.Privacy.Clipping;

/// <summary>The sum over all units of a logical batch, in <see cref="Parameter.Gradient"/> of each parameter, with the sensitivity it has.</summary>
/// <param name="Parameters">All trainable parameters, each with a gradient; those no loss depends on have zeros.</param>
/// <param name="Sensitivity">L2 sensitivity under add-or-remove-one; infinite for ordinary gradients.</param>
public sealed record ClippedSum(IReadOnlyList<Parameter> Parameters, double Sensitivity)
{
    /// <summary>Adaptive clipping: Σ_u (b_u − ½) for each bound, in the order of the bounds' layer paths, b_u = 1 for a unit within the bound; each changes
    /// by ½ with one unit. Private until noised. Empty in other modes.</summary>
    public IReadOnlyList<double> Counts { get; init; } = [];
}
