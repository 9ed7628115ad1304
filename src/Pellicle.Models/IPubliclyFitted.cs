using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>A network with fixed statistics that are estimated on public images before any private image is seen.</summary>
public interface IPubliclyFitted
{
    /// <summary>True once it has them: estimated, or loaded with the weights.</summary>
    bool IsFitted { get; }

    /// <summary>Fewest images that fix them.</summary>
    int FewestImages { get; }

    /// <summary>Estimates them.</summary>
    /// <param name="images">Batches [N, C, S, S] of public images, at least <see cref="FewestImages"/> in all; each is freed once it was used.</param>
    /// <exception cref="ArgumentException">There are too few images.</exception>
    void Fit(IEnumerable<Tensor> images);
}
