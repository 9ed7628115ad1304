using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>Encoders with one trained public network and a secret layer behind each of its blocks.</summary>
/// <param name="network">Trained on public pictures; must live as long as the family.</param>
/// <param name="architecture">Sizes.</param>
/// <param name="random">The cryptographic generator.</param>
internal sealed class MixingFamily(MixingNetwork network, EncoderArchitecture architecture, ISecureRandom random) : IEncoderFamily
{
    public EncoderArchitecture Architecture => architecture;

    public IRowEncoder Draw(IReadOnlyList<Tensor> pictures) => new MixingEncoder(network, DrawKey(network, architecture, random));

    /// <summary>A fresh key; the caller disposes its layers.</summary>
    public static IReadOnlyList<SecretLayer> DrawKey(MixingNetwork network, EncoderArchitecture architecture, ISecureRandom random) =>
        [.. Enumerable.Range(0, network.SecretLayers).Select(_ => SecretLayer.Draw(architecture.HiddenDim, random))];

    private sealed class MixingEncoder(MixingNetwork network, IReadOnlyList<SecretLayer> key) : IRowEncoder
    {
        public Tensor Encode(Tensor images) => network.Encode(images, key);

        public void Dispose()
        {
            foreach (SecretLayer layer in key)
            {
                layer.Dispose();
            }
        }
    }
}
