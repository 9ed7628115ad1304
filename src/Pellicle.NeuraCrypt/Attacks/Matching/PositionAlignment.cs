using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Finds which position of the picture each row of aligned encodings belongs to, without a single known pair.</summary>
/// <remarks>A position is told by how its content varies over the images: the fingerprint of one position over all images, taken under the secret key and
/// under an own one. Positions that look alike in all pictures stay mixed up, which costs little.</remarks>
internal static class PositionAlignment
{
    /// <summary>Finds the order.</summary>
    /// <param name="aligned">Encodings of the target, rows in the same unknown order in all images, [N, P, hidden].</param>
    /// <param name="own">Encodings of about the same pictures under an own key, rows in the order of the patches, [M, P, hidden].</param>
    /// <returns>Row of the target for each position [P].</returns>
    public static int[] Find(Tensor aligned, Tensor own)
    {
        int images = (int)Math.Min(aligned.Size(0), own.Size(0));
        return Assignment.Solve(FingerprintCosts.Of(ByPosition(own, images), ByPosition(aligned, images))[^1].Cost);
    }

    private static List<Fingerprint> ByPosition(Tensor encodings, int images)
    {
        const int Positions = 16;
        var result = new List<Fingerprint>();
        for (long first = 0; first < encodings.Size(1); first += Positions)
        {
            using GradientMode off = GradientMode.Off();
            using TensorScope scope = TensorScope.Open();
            Tensor block = encodings.Narrow(0, 0, images).Narrow(1, first, Math.Min(Positions, encodings.Size(1) - first));
            result.AddRange(Fingerprint.Of(block.Transpose(0, 1).Contiguous()));
        }

        return result;
    }
}
