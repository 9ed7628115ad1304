using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Fifteen numbers of a patch that an encoder under any key changes in about the same way: its mean, and the i-th roots of its central moments, i = 1…14.</summary>
/// <remarks>Carlini et al. 2021, arXiv 2108.07256, section 4.1, and the code they published.</remarks>
internal static class PatchMoments
{
    /// <summary>Numbers of a patch.</summary>
    public const int Count = 15;

    /// <summary>Measures patches, and standardises each number over all of them.</summary>
    /// <param name="rows">[n, d] of one encoder, or pixels.</param>
    /// <returns>[n, 15], mean 0 and deviation 1, of the caller's scope.</returns>
    public static Tensor Standardised(Tensor rows)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        Tensor centred = rows - rows.Mean(0);
        Tensor mean = centred.Mean(1, keep: true);
        Tensor deviations = centred - mean;
        var numbers = new Tensor[Count];
        numbers[0] = mean.Reshape(-1);
        numbers[1] = Tensor.Zeros(rows.Size(0)); // the first central moment is 0; its rounding must not be standardised
        Tensor power = deviations;
        for (int i = 2; i < Count; i++)
        {
            power *= deviations;
            numbers[i] = AtenOperators.PowerScalar.Call(power.Mean(1).Abs().Clamp(1e-30), 1.0 / i);
        }

        Tensor all = Tensor.Stack(1, numbers);
        Tensor shifted = all - all.Mean(0);
        return scope.Keep(shifted / (shifted.Square().Mean(0).Sqrt() + 1e-9));
    }
}
