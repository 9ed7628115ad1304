using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>No protection: the pixels of the patches, in their order. The end of the curve where everything is found.</summary>
/// <param name="architecture">Sizes; the rows are as wide as a patch has values.</param>
internal sealed class PlainFamily(EncoderArchitecture architecture) : IEncoderFamily
{
    public EncoderArchitecture Architecture { get; } = architecture with { Kind = EncoderKind.Linear, Depth = -1, HiddenDim = architecture.PatchValues };

    public bool KeepsOrder => true;

    public IRowEncoder Draw(IReadOnlyList<Tensor> pictures) => new PixelRows(Architecture);

    private sealed class PixelRows(EncoderArchitecture a) : IRowEncoder
    {
        public Tensor Encode(Tensor images)
        {
            using TensorScope scope = TensorScope.Open();
            return scope.Keep(PrivateEncoder.Patches(images, a).Reshape(images.Size(0), a.Patches, a.PatchValues));
        }

        public void Dispose()
        {
        }
    }
}
