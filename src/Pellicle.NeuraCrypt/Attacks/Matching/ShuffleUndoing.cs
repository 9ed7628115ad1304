using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Undoes the shuffle of patches up to one order for all images: positions are told apart by their embedding, which is the same in every image.</summary>
/// <remarks>Carlini et al. 2021, arXiv 2108.07256, section 4: match the rows of each image to those of the first by optimal assignment of squared distances,
/// then to the running mean; two passes.</remarks>
internal static class ShuffleUndoing
{
    private const int Passes = 2;

    /// <summary>Brings the rows of all images into the same, unknown order.</summary>
    /// <param name="encodings">[N, P, hidden], rows in any order.</param>
    /// <returns>[N, P, hidden], of the caller's scope.</returns>
    public static Tensor Align(Tensor encodings)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        int images = (int)encodings.Size(0);
        Tensor aligned = encodings.Clone();
        Tensor sum = encodings.Select(0, 0).Clone();
        int added = 1;
        for (int pass = 0; pass < Passes; pass++)
        {
            for (int i = pass == 0 ? 1 : 0; i < images; i++)
            {
                using TensorScope inner = TensorScope.Open();
                Tensor rows = aligned.Select(0, i);
                Tensor reference = pass == 0 ? sum / added : (sum - rows) / (images - 1);
                Tensor ordered = rows.IndexSelect(0, Order(reference, rows));
                if (pass == 0)
                {
                    sum.AddInPlace(ordered);
                    added++;
                }
                else
                {
                    sum.AddInPlace(rows, -1);
                    sum.AddInPlace(ordered);
                }

                rows.CopyFrom(ordered);
            }
        }

        return scope.Keep(aligned);
    }

    // Row of the image for each row of the reference.
    private static Tensor Order(Tensor reference, Tensor rows)
    {
        int patches = (int)rows.Size(0);
        double[] products = reference.MatMul(rows.Transpose()).To(DType.Float64).ToArray<double>();
        double[] norms = rows.Square().Sum(1).To(DType.Float64).ToArray<double>();
        var cost = new double[patches, patches];
        for (int i = 0; i < patches; i++)
        {
            for (int j = 0; j < patches; j++)
            {
                cost[i, j] = norms[j] - (2 * products[(i * patches) + j]);
            }
        }

        return Tensor.From<long>(Array.ConvertAll(Assignment.Solve(cost), row => (long)row), patches);
    }
}
