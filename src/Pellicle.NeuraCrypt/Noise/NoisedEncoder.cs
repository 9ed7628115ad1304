using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Noise;

/// <summary>An encoder whose encodings are clipped and noised: fresh noise at every call.</summary>
/// <param name="rows">Disposed with it.</param>
/// <param name="mechanism">Clipping and noise.</param>
/// <param name="random">The cryptographic generator.</param>
internal sealed class NoisedEncoder(IRowEncoder rows, ImageGaussianMechanism mechanism, ISecureRandom random) : IRowEncoder
{
    public Tensor Encode(Tensor images)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(mechanism.Release(rows.Encode(images), random));
    }

    public void Dispose() => rows.Dispose();
}
