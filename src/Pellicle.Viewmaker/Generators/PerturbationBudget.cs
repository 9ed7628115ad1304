using Pellicle.Tensors;
using Pellicle.Training.Configuration;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Brings perturbations to their budget, each image by itself.</summary>
internal static class PerturbationBudget
{
    /// <summary>The reference's rule: scales every image to the sphere of mean |δ| = b, however little is needed; peaks are bounded only by b/m.</summary>
    /// <param name="delta">[B, C, H, W].</param>
    /// <param name="budget">b.</param>
    public static Tensor OntoSphere(Tensor delta, double budget) => delta * (delta.Abs().Mean([1, 2, 3], keep: true) + 1e-4).Reciprocal() * budget;

    /// <summary>A true ball: unchanged inside, scaled to its surface outside (a cut per pixel for <see cref="BudgetNorm.Linf"/>).</summary>
    /// <param name="delta">[B, C, H, W], pixel-range units.</param>
    /// <param name="budget">b.</param>
    /// <param name="norms">Every one of them is kept; a scaling towards zero never leaves a ball that was reached before.</param>
    public static Tensor IntoBall(Tensor delta, double budget, IReadOnlyList<BudgetNorm> norms)
    {
        foreach (BudgetNorm norm in norms)
        {
            delta = norm == BudgetNorm.Linf ? delta.Clamp(-budget, budget) : delta * (Size(delta, norm) + 1e-12).Reciprocal().Clamp(maximum: 1 / budget) * budget;
        }

        return delta;
    }

    /// <summary>Sizes of perturbations.</summary>
    /// <param name="delta">[B, C, H, W].</param>
    /// <param name="norm">Which.</param>
    /// <returns>[B, 1, 1, 1].</returns>
    public static Tensor Size(Tensor delta, BudgetNorm norm) => norm switch
    {
        BudgetNorm.MeanAbs => delta.Abs().Mean([1, 2, 3], keep: true),
        BudgetNorm.L2 => (delta.Square().Mean([1, 2, 3], keep: true) + 1e-24).Sqrt(),
        _ => Largest(delta),
    };

    private static unsafe Tensor Largest(Tensor delta)
    {
        long* dimensions = stackalloc long[] { 1, 2, 3 };
        return LargestOf.Call(delta.Abs(), OpArgument.Integers(dimensions, 3), true);
    }

    private static readonly TensorOperator LargestOf = new("aten::amax");
}
