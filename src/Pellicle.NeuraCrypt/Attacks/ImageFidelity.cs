using Pellicle.Nn.Losses;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>How close reconstructed pictures come to the true ones.</summary>
internal static class ImageFidelity
{
    /// <summary>Mean peak signal-to-noise ratio in dB; pictures without any error count 100.</summary>
    /// <param name="pictures">[n, C, S, S].</param>
    /// <param name="truth">[n, C, S, S].</param>
    /// <param name="range">Largest minus smallest possible value.</param>
    public static double Psnr(Tensor pictures, Tensor truth, double range)
    {
        using TensorScope scope = TensorScope.Open();
        double[] errors = (pictures - truth).Square().Mean([1, 2, 3]).To(DType.Float64).ToArray<double>();
        return errors.Average(error => Math.Min(100, 10 * Math.Log10(range * range / Math.Max(error, 1e-300))));
    }

    /// <summary>Mean structural similarity over windows of 7 × 7 (Wang et al. 2004, with K1 = 0.01, K2 = 0.03, population variances).</summary>
    /// <param name="pictures">[n, C, S, S], S at least 7.</param>
    /// <param name="truth">[n, C, S, S].</param>
    /// <param name="range">Largest minus smallest possible value.</param>
    public static double Ssim(Tensor pictures, Tensor truth, double range)
    {
        using TensorScope scope = TensorScope.Open();
        return StructuralSimilarity.Of(pictures.To(DType.Float64), truth.To(DType.Float64), range).Mean().Item();
    }
}
