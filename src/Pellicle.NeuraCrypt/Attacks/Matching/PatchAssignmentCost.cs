using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Compares images whose rows are in unknown orders: the negative mean similarity of the best one-to-one matching of rows.</summary>
internal static class PatchAssignmentCost
{
    /// <summary>Compares all pairs.</summary>
    /// <param name="encodings">Embeddings [N, P, D] of unit length.</param>
    /// <param name="pictures">Embeddings [M, P, D].</param>
    /// <returns>[N, M].</returns>
    public static double[,] Of(Tensor encodings, Tensor pictures)
    {
        int n = (int)encodings.Size(0);
        int m = (int)pictures.Size(0);
        int patches = (int)encodings.Size(1);
        int width = (int)encodings.Size(2);
        float[] left = encodings.ToArray<float>();
        float[] right = pictures.ToArray<float>();
        var result = new double[n, m];
        Parallel.For(0, n * m, pair =>
        {
            ReadOnlySpan<float> rows = left.AsSpan(pair / m * patches * width, patches * width);
            ReadOnlySpan<float> columns = right.AsSpan(pair % m * patches * width, patches * width);
            var cost = new double[patches, patches];
            for (int i = 0; i < patches; i++)
            {
                for (int j = 0; j < patches; j++)
                {
                    float product = 0;
                    for (int c = 0; c < width; c++)
                    {
                        product += rows[(i * width) + c] * columns[(j * width) + c];
                    }

                    cost[i, j] = -product;
                }
            }

            result[pair / m, pair % m] = Assignment.Solve(cost).Select((column, row) => cost[row, column]).Average();
        });
        return result;
    }
}
