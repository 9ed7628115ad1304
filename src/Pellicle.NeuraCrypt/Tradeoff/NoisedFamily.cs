using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>Pictures with noise of a stated bound, in place of an encoding; there is no key.</summary>
/// <param name="architecture">Sizes.</param>
/// <param name="mechanism">Clipping and noise.</param>
/// <param name="random">The cryptographic generator.</param>
internal sealed class NoisedFamily(EncoderArchitecture architecture, ImageGaussianMechanism mechanism, ISecureRandom random) : IEncoderFamily
{
    private readonly PlainFamily _plain = new(architecture);

    public EncoderArchitecture Architecture => _plain.Architecture;

    public bool KeepsOrder => true;

    public IRowEncoder Draw(IReadOnlyList<Tensor> pictures) => new NoisedEncoder(_plain.Draw(pictures), mechanism, random);
}
