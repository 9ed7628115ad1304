using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>Turns pictures into rows of patches, under one key.</summary>
internal interface IRowEncoder : IDisposable
{
    /// <summary>Encodes a batch.</summary>
    /// <param name="images">[B, C, S, S], normalised.</param>
    /// <returns>[B, P, hidden], float32, rows in the order of the patches; belongs to the caller's scope.</returns>
    Tensor Encode(Tensor images);
}
