using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The contrastive loss: row i of one side must find row i of the other among all rows of the batch, both ways.</summary>
/// <remarks>van den Oord et al. 2018; symmetric as in Radford et al. 2021.</remarks>
internal static class Contrastive
{
    /// <summary>Mean cross-entropy in nats; log(n) is chance.</summary>
    /// <param name="left">[n, d], unit length.</param>
    /// <param name="right">[n, d], unit length.</param>
    /// <param name="logTemperature">One number, learned.</param>
    public static Tensor Loss(Tensor left, Tensor right, Tensor logTemperature)
    {
        Tensor logits = left.MatMul(right.Transpose()) * logTemperature.Exp();
        long n = left.Size(0);
        Tensor labels = Tensor.From<long>([.. Enumerable.Range(0, (int)n).Select(i => (long)i)], n);
        return (logits.CrossEntropy(labels) + logits.Transpose().CrossEntropy(labels)) / (2.0 * n);
    }
}
