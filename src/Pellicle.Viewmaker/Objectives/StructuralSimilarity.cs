using Pellicle.Tensors;

namespace Pellicle.Viewmaker;

/// <summary>SSIM (Wang et al. 2004) with uniform windows of 7x7, on pictures in 0..1; differentiable.</summary>
internal static class StructuralSimilarity
{
    private const double C1 = 0.01 * 0.01;
    private const double C2 = 0.03 * 0.03;

    /// <summary>Mean similarity of each picture.</summary>
    /// <param name="first">[N, C, H, W].</param>
    /// <param name="second">[N, C, H, W].</param>
    /// <returns>[N], at most 1.</returns>
    public static Tensor Of(Tensor first, Tensor second)
    {
        long side = Math.Min(7, Math.Min(first.Size(2), first.Size(3)));
        Tensor Mean(Tensor x) => x.AveragePool2d(Window2d.Square(side));
        Tensor a = Mean(first), b = Mean(second);
        Tensor variances = Mean(first.Square()) - a.Square() + Mean(second.Square()) - b.Square();
        Tensor covariance = Mean(first * second) - (a * b);
        Tensor upper = ((a * b * 2) + C1) * ((covariance * 2) + C2);
        Tensor lower = (a.Square() + b.Square() + C1) * (variances + C2);
        return (upper / lower).Mean([1, 2, 3]);
    }
}
