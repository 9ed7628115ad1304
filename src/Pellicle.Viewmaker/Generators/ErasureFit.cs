using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Finds the directions of coarse pictures in which classes differ: first in mean, then in variance.</summary>
/// <remarks>In the whitened space of the leading principal components (so that the least change of the picture takes the most information away, as in LEACE): the directions of the classes' means, then the leading
/// eigenvectors of the difference of the classes' covariances. The direction in which the task's classes differ in mean is kept free.</remarks>
internal static class ErasureFit
{
    private const int MostComponents = 128;
    private const int PicturesAComponent = 8;

    /// <summary>Fits.</summary>
    /// <param name="erasure">Takes the result.</param>
    /// <param name="coarse">Pictures on the coarse grid [n, D].</param>
    /// <param name="attributes">Class of each picture in each attribute, −1 for unknown.</param>
    /// <param name="task">Class of each picture in the task, −1 for unknown.</param>
    /// <param name="side">Side of the pictures.</param>
    /// <param name="count">Directions to replace, at most those of the erasure; its other ones stay empty.</param>
    public static void Fit(AttributeErasure erasure, Tensor coarse, IReadOnlyList<IReadOnlyList<int>> attributes, IReadOnlyList<int> task, int side, int count)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode off = GradientMode.Off();
        Tensor rows = coarse.To(DType.Float64);
        int pictures = (int)rows.Size(0);
        Tensor mean = rows.Mean([0], keep: true);
        rows -= mean;

        // Principal components from the Gram matrix of the pictures: there are fewer pictures than numbers in one.
        (Tensor values, Tensor vectors) = Eigen(rows.MatMul(rows.Transpose()) / pictures);
        int components = Math.Clamp(pictures / PicturesAComponent, 1, MostComponents);
        Tensor variance = values.Narrow(0, pictures - components, components);
        variance = variance.Clamp(minimum: variance.Maximum().Item() * 1e-9);
        Tensor scores = vectors.Narrow(1, pictures - components, components) * Math.Sqrt(pictures); // whitened: [n, K]
        Tensor basis = rows.Transpose().MatMul(scores) / pictures / variance.Sqrt(); // [D, K], orthonormal

        double[] sample = scores.Contiguous().ToArray<double>();
        var directions = new DirectionSet(components, count);
        foreach (double[] direction in ClassMeans.Of(sample, components, task))
        {
            directions.Protect(direction);
        }

        foreach (double[] direction in attributes.SelectMany(labels => ClassMeans.Of(sample, components, labels)))
        {
            directions.Add(direction);
        }

        foreach (double[] direction in Spreads(scores, attributes).OrderByDescending(d => d.Weight).Select(d => d.Direction))
        {
            directions.Add(direction);
        }

        Tensor chosen = Tensor.From<double>(directions.ToArray(erasure.Directions), erasure.Directions, components).Transpose(); // Q [K, r]
        Tensor read = chosen.Transpose().MatMul((basis / variance.Sqrt()).Transpose());
        Tensor write = (basis * variance.Sqrt()).MatMul(chosen);
        erasure.Set(mean.Reshape(-1), read, Consistent(erasure, read, write, side));
    }

    // What is written must be read again as it was written, through the scaling up and down; unused directions stay zero.
    private static Tensor Consistent(AttributeErasure erasure, Tensor read, Tensor write, int side)
    {
        Tensor seen = erasure.Coarse(erasure.Fine(write.Transpose().Contiguous(), side, side));
        Tensor loop = read.MatMul(seen.Transpose()); // [r, r], near the identity
        int r = erasure.Directions;
        double[] entries = loop.Contiguous().ToArray<double>();
        for (int i = 0; i < r; i++)
        {
            entries[(i * r) + i] += Math.Abs(entries[(i * r) + i]) < 1e-12 ? 1 : 0;
        }

        return write.MatMul(InverseOf.Call(Tensor.From<double>(entries, r, r)));
    }

    private static IEnumerable<(double Weight, double[] Direction)> Spreads(Tensor scores, IReadOnlyList<IReadOnlyList<int>> attributes)
    {
        int components = (int)scores.Size(1);
        foreach (IReadOnlyList<int> labels in attributes)
        {
            for (int k = 0; k < labels.Max(); k++)
            {
                int[] inside = [.. Enumerable.Range(0, labels.Count).Where(i => labels[i] == k)], outside = [.. Enumerable.Range(0, labels.Count).Where(i => labels[i] > k)];
                if (Math.Min(inside.Length, outside.Length) < components)
                {
                    continue; // a covariance of fewer pictures than components is noise
                }

                (Tensor values, Tensor vectors) = Eigen(Covariance(scores, inside) - Covariance(scores, outside));
                double[] weights = values.ToArray<double>(), directions = vectors.Transpose().Contiguous().ToArray<double>();
                for (int c = 0; c < components; c++)
                {
                    yield return (Math.Abs(weights[c]), directions[(c * components)..((c + 1) * components)]);
                }
            }
        }
    }

    private static Tensor Covariance(Tensor scores, int[] rows)
    {
        Tensor own = scores.IndexSelect(0, Tensor.From<long>(Array.ConvertAll(rows, row => (long)row), rows.Length));
        own -= own.Mean([0], keep: true);
        return own.Transpose().MatMul(own) / rows.Length;
    }

    private static (Tensor Values, Tensor Vectors) Eigen(Tensor symmetric)
    {
        Tensor?[] result = EigenOf.CallMany(2, symmetric);
        return (result[0]!, result[1]!);
    }

    private static readonly TensorOperator EigenOf = new("aten::linalg_eigh");
    private static readonly TensorOperator InverseOf = new("aten::linalg_inv");
}
