using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Finds which position of the picture each row of aligned encodings belongs to.</summary>
/// <remarks>A position is told by how its content varies over the images: the spectrum of inner products between the images at this position, which needs no known pair,
/// and, for known pairs, those inner products themselves; each taken under the secret key and under an own one. Positions that look alike in all pictures stay
/// mixed up, which costs little.</remarks>
internal static class PositionAlignment
{
    private const int Eigenvalues = 40;
    private const int MostPairs = 64;
    private const int PositionsAtOnce = 16;

    /// <summary>Finds the order.</summary>
    /// <param name="aligned">Encodings of the target, rows in the same unknown order in all images, [N, P, hidden].</param>
    /// <param name="own">Encodings of about the same pictures under an own key, rows in the order of the patches, [M, P, hidden].</param>
    /// <param name="known">Number of known pairs: so many images at the start of both are the same.</param>
    /// <returns>Row of the target for each position [P].</returns>
    public static int[] Find(Tensor aligned, Tensor own, int known)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        int images = (int)Math.Min(aligned.Size(0), own.Size(0));
        int pairs = Math.Min(known, MostPairs);
        (double[][] spectra, Tensor products) secret = ByPosition(aligned.Narrow(0, 0, images), pairs);
        (double[][] spectra, Tensor products) open = ByPosition(own.Narrow(0, 0, images), pairs);
        double[,] cost = FingerprintCosts.Standardised(open.spectra, secret.spectra);
        if (pairs > 1)
        {
            double[,] byPairs = FingerprintCosts.Scaled(RowDistances.Of(open.products, secret.products));
            double weight = Math.Sqrt(pairs); // one pair tells little, many decide
            for (int i = 0; i < cost.GetLength(0); i++)
            {
                for (int j = 0; j < cost.GetLength(1); j++)
                {
                    cost[i, j] += weight * byPairs[i, j];
                }
            }
        }

        return Assignment.Solve(cost);
    }

    // Inner products between the images at each position, after the mean over the images is taken away: it is the key's more than the pictures'.
    private static (double[][] Spectra, Tensor Products) ByPosition(Tensor encodings, int pairs)
    {
        int images = (int)encodings.Size(0);
        int hidden = (int)encodings.Size(2);
        var spectra = new List<double[]>();
        var products = new List<Tensor>();
        for (long first = 0; first < encodings.Size(1); first += PositionsAtOnce)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor block = encodings.Narrow(1, first, Math.Min(PositionsAtOnce, encodings.Size(1) - first)).Transpose(0, 1);
            Tensor centred = block - block.Mean(1, keep: true);
            Tensor gram = (centred.MatMul(centred.Transpose(1, 2)) / hidden).To(DType.Float64);
            double[] values = AtenOperators.SymmetricEigenvalues.Call(gram).ToArray<double>();
            spectra.AddRange(values.Chunk(images).Select(part => (double[])[.. part.OrderDescending().Take(Math.Min(Eigenvalues, images - 1)).Select(v => Math.Log(Math.Max(v, 1e-9)))]));
            products.Add(scope.Keep(gram.Narrow(1, 0, pairs).Narrow(2, 0, pairs).To(DType.Float32).Contiguous()));
        }

        return ([.. spectra], Tensor.Concatenate(0, products.ToArray()));
    }
}
