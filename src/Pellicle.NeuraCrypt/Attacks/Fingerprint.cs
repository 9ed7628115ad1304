using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Statistics of one image's encoding that neither shuffle nor key changes much.</summary>
/// <remarks>A wide random network is close to its infinite-width kernel, so inner products between encodings hardly depend on the weights.</remarks>
/// <param name="Spectrum">Logarithms of the largest eigenvalues of G = ZZᵀ/hidden, descending; at most 40.</param>
/// <param name="RowSums">Row sums of G, sorted.</param>
/// <param name="Mean">Mean row of Z [hidden].</param>
internal sealed record Fingerprint(double[] Spectrum, double[] RowSums, double[] Mean)
{
    private const int Eigenvalues = 40;

    /// <summary>Takes the fingerprints of a batch.</summary>
    /// <param name="encodings">[B, P, hidden], rows of an image in any order.</param>
    public static IReadOnlyList<Fingerprint> Of(Tensor encodings)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        long batch = encodings.Size(0);
        int patches = (int)encodings.Size(1);
        int hidden = (int)encodings.Size(2);
        Tensor gram = (encodings.MatMul(encodings.Transpose(1, 2)) / hidden).To(DType.Float64);
        double[] spectrum = AtenOperators.SymmetricEigenvalues.Call(gram).ToArray<double>();
        double[] sums = gram.Sum(2).ToArray<double>();
        double[] means = encodings.Mean(1).To(DType.Float64).ToArray<double>();
        var result = new List<Fingerprint>();
        for (int b = 0; b < batch; b++)
        {
            double[] eigenvalues = [.. spectrum.AsSpan(b * patches, patches).ToArray().OrderDescending().Take(Eigenvalues).Select(v => Math.Log(Math.Max(v, 1e-12)))];
            result.Add(new Fingerprint(eigenvalues, [.. sums.AsSpan(b * patches, patches).ToArray().Order()], means[(b * hidden)..((b + 1) * hidden)]));
        }

        return result;
    }
}
