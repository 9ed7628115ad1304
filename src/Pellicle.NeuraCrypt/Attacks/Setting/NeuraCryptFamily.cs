using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The secret random networks of <c>encode run</c>.</summary>
/// <param name="architecture">Of the release.</param>
/// <param name="random">The cryptographic generator: keys of an attack are keys.</param>
internal sealed class NeuraCryptFamily(EncoderArchitecture architecture, ISecureRandom random) : IEncoderFamily
{
    private const int CalibrationBatches = 8;

    public EncoderArchitecture Architecture => architecture;

    IRowEncoder IEncoderFamily.Draw(IReadOnlyList<Tensor> pictures) => Draw(pictures);

    public PrivateEncoder Draw(IReadOnlyList<Tensor> pictures)
    {
        using EncoderKey key = EncoderKey.Create(architecture, random, DateTimeOffset.UnixEpoch);
        EncoderWeights weights = key.DeriveWeights();
        return new PrivateEncoder(weights, key.NeedsCalibration ? EncoderCalibration.Measure(weights, pictures.Take(CalibrationBatches)) : null);
    }
}
