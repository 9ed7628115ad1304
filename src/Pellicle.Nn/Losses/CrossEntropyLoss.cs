using Pellicle.Tensors;

namespace Pellicle.Nn.Losses;

/// <summary>Cross entropy of softmax probabilities, per image, times a public weight of the image's class.</summary>
/// <remarks>There is no reduction on purpose: unit gradients come from sums of explicitly weighted losses, so no hidden 1/B enters.
/// Class weights must be public constants, never counted from private labels without charging for it.</remarks>
public sealed class CrossEntropyLoss : IPerImageLoss, IDisposable
{
    private readonly Tensor? _classWeights;

    /// <summary>Makes the loss.</summary>
    /// <param name="classWeights">One finite weight above or equal 0 per class; empty for all 1.</param>
    public CrossEntropyLoss(params ReadOnlySpan<double> classWeights)
    {
        float[] weights = new float[classWeights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            if (!double.IsFinite(classWeights[i]) || classWeights[i] < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(classWeights), classWeights[i], "Class weights are finite and not negative.");
            }

            weights[i] = (float)classWeights[i];
        }

        _classWeights = weights.Length == 0 ? null : Tensor.From<float>(weights, weights.Length).Detached();
    }

    /// <inheritdoc/>
    public Tensor PerImage(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        const long noReduction = 0;
        return AtenOperators.CrossEntropyLoss.Call(logits, labels, _classWeights?.To(logits.Type), noReduction);
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => _classWeights?.Dispose();
}
