using Pellicle.Tensors;

namespace Pellicle.Nn.Losses;

/// <summary>A loss that gives one value per image; the value of an image depends on that image only.</summary>
public interface IPerImageLoss
{
    /// <summary>Losses of the images.</summary>
    /// <param name="logits">[N, K], recorded for differentiation.</param>
    /// <param name="labels">[N], int64, 0 … K-1.</param>
    /// <returns>[N], not negative for the losses here.</returns>
    Tensor PerImage(Tensor logits, Tensor labels);
}
