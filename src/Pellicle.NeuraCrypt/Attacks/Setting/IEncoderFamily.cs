using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>What everybody knows of a release: the kind of encoder, of which any number can be drawn under fresh keys.</summary>
internal interface IEncoderFamily
{
    /// <summary>Public sizes and preprocessing.</summary>
    EncoderArchitecture Architecture { get; }

    /// <summary>True if rows are released in the order of the patches.</summary>
    bool KeepsOrder => false;

    /// <summary>Draws an encoder under a fresh key.</summary>
    /// <param name="pictures">Batches [b, C, S, S] that statistics of norms are measured on, as an owner would on his own.</param>
    IRowEncoder Draw(IReadOnlyList<Tensor> pictures);
}
