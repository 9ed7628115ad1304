using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Numbers of each row that hardly depend on the key: its moments, and its product with the mean row of its image.</summary>
internal static class RowFeatures
{
    /// <summary>Numbers of a row.</summary>
    public const int Count = PatchMoments.Count + 1;

    /// <summary>Measures the rows of all images of one encoder, standardised over all of them.</summary>
    /// <param name="rows">[N, P, d].</param>
    /// <returns>[N, P, 16], of the caller's scope.</returns>
    public static Tensor Of(Tensor rows)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        Tensor products = (rows * rows.Mean(1, keep: true)).Mean(2).Reshape(-1, 1);
        Tensor centred = products - products.Mean();
        Tensor standardised = centred / (centred.Square().Mean().Sqrt() + 1e-9);
        Tensor moments = PatchMoments.Standardised(rows.Reshape(-1, rows.Size(2)));
        return scope.Keep(Tensor.Concatenate(1, moments, standardised).Reshape(rows.Size(0), rows.Size(1), Count));
    }
}
