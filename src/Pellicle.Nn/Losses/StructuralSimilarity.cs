using Pellicle.Tensors;

namespace Pellicle.Nn.Losses;

/// <summary>Structural similarity (Wang et al. 2004, eq. 13, K1 = 0.01, K2 = 0.03) with uniform windows of 7 x 7 and population variances; differentiable.</summary>
public static class StructuralSimilarity
{
    private const int Window = 7;

    /// <summary>Mean similarity of each picture.</summary>
    /// <param name="first">[N, C, H, W]; sides below 7 make the window as small.</param>
    /// <param name="second">[N, C, H, W].</param>
    /// <param name="range">Largest minus smallest possible value, above 0.</param>
    /// <returns>[N], at most 1.</returns>
    public static Tensor Of(Tensor first, Tensor second, double range = 1)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(range);
        long side = Math.Min(Window, Math.Min(first.Size(2), first.Size(3)));
        Tensor Mean(Tensor x) => x.AveragePool2d(Window2d.Square(side));
        double c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
        Tensor a = Mean(first), b = Mean(second);
        Tensor variances = Mean(first.Square()) - a.Square() + Mean(second.Square()) - b.Square();
        Tensor covariance = Mean(first * second) - (a * b);
        Tensor upper = ((a * b * 2) + c1) * ((covariance * 2) + c2);
        Tensor lower = (a.Square() + b.Square() + c1) * (variances + c2);
        return (upper / lower).Mean([1, 2, 3]);
    }
}
