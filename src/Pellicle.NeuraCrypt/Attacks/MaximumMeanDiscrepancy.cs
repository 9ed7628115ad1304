using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Distance of two distributions by samples (Gretton et al. 2012), in the form of the reference.</summary>
/// <remarks>max(0, mean k(r, r) + mean k(g, g) − 2 · mean k(r, g)), biased, diagonals included; k(a, b) = Σ_σ exp(−‖a − b‖²/(2σ)): a sum over squared
/// differences, and 2σ, not 2σ².</remarks>
internal static class MaximumMeanDiscrepancy
{
    private static readonly double[] Sigmas = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 5, 10, 15, 20, 25, 30, 35, 100, 1e3, 1e4, 1e5, 1e6];

    /// <summary>The loss, differentiable for both sides.</summary>
    /// <param name="real">[n, d].</param>
    /// <param name="generated">[m, d].</param>
    public static Tensor Loss(Tensor real, Tensor generated) =>
        (Kernel(real, real) + Kernel(generated, generated) - (Kernel(real, generated) * 2)).Clamp(0);

    // Differences, not products: near duplicates decide at the smallest σ.
    private static Tensor Kernel(Tensor left, Tensor right)
    {
        Tensor distances = (left.Unsqueeze(1) - right.Unsqueeze(0)).Square().Sum(2);
        Tensor sum = (distances * (-0.5 / Sigmas[0])).Exp();
        foreach (double sigma in Sigmas.AsSpan(1))
        {
            sum += (distances * (-0.5 / sigma)).Exp();
        }

        return sum.Mean();
    }
}
