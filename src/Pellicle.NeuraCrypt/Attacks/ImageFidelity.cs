using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>How close reconstructed pictures come to the true ones.</summary>
internal static class ImageFidelity
{
    private const int Window = 7;

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
        static Tensor Local(Tensor values) => values.AveragePool2d(Window2d.Square(Window));
        double c1 = 0.01 * range * 0.01 * range;
        double c2 = 0.03 * range * 0.03 * range;
        Tensor x = pictures.To(DType.Float64);
        Tensor y = truth.To(DType.Float64);
        Tensor meanX = Local(x);
        Tensor meanY = Local(y);
        Tensor product = meanX * meanY;
        Tensor squares = meanX.Square() + meanY.Square();
        Tensor covariance = Local(x * y) - product;
        Tensor variances = Local(x.Square()) + Local(y.Square()) - squares;
        return (((product * 2) + c1) * ((covariance * 2) + c2) / ((squares + c1) * (variances + c2))).Mean().Item();
    }
}
