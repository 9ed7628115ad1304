using Pellicle.Tensors;

namespace Pellicle.Viewmaker;

/// <summary>How far apart the classes of attributes are, in mean, under given features: a two-sample statistic with the features' own inner product as kernel (Gretton et al. 2012).</summary>
/// <remarks>With features of networks whose random weights change in every step there is nobody to be fooled: the generator cannot win by answering the attackers of the moment.</remarks>
internal static class MeanMatching
{
    /// <summary>Sum over attributes and their classes of the squared distance between the mean features of a class and of the others, in units of the features' deviations, less what chance would give.</summary>
    /// <param name="features">[B, F], differentiable.</param>
    /// <param name="attributes">Class of each of the B pictures, −1 for unknown.</param>
    /// <returns>One value; near 0 where classes agree.</returns>
    public static Tensor Of(Tensor features, IReadOnlyList<int[]> attributes)
    {
        Tensor centred = features - features.Mean([0], keep: true).Detach();
        Tensor deviation = (centred.Square().Mean([0], keep: true) + 1e-8).Sqrt().Detach();
        Tensor standard = centred / deviation;
        Tensor total = features.Mean() * 0;
        foreach (int[] labels in attributes)
        {
            int classes = labels.Max() + 1;
            for (int k = 0; k < (classes == 2 ? 1 : classes); k++)
            {
                int inside = labels.Count(label => label == k), outside = labels.Count(label => label >= 0 && label != k);
                if (Math.Min(inside, outside) < 2)
                {
                    continue;
                }

                float[] weights = Array.ConvertAll(labels, label => label == k ? 1f / inside : label < 0 ? 0 : -1f / outside);
                total += Tensor.From<float>(weights, 1, weights.Length).MatMul(standard).Square().Mean() - ((1.0 / inside) + (1.0 / outside));
            }
        }

        return total;
    }
}
