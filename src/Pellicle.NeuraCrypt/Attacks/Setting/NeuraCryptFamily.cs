using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The secret random networks of <c>encode run</c>.</summary>
/// <param name="architecture">Of the release.</param>
/// <param name="random">The cryptographic generator: keys of an attack are keys.</param>
/// <param name="precision">Of the products; bfloat16 takes a third of the time, and attacks lose nothing by its rounding.</param>
internal sealed class NeuraCryptFamily(EncoderArchitecture architecture, ISecureRandom random, ProductPrecision precision = ProductPrecision.Float32) : IEncoderFamily
{
    private const int CalibrationBatches = 8;

    public EncoderArchitecture Architecture => architecture;

    IRowEncoder IEncoderFamily.Draw(IReadOnlyList<Tensor> pictures) => Draw(pictures);

    public PrivateEncoder Draw(IReadOnlyList<Tensor> pictures)
    {
        using EncoderKey key = EncoderKey.Create(architecture, random, DateTimeOffset.UnixEpoch);
        EncoderWeights weights = key.DeriveWeights();
        return new PrivateEncoder(weights, key.NeedsCalibration ? EncoderCalibration.Measure(weights, pictures.Take(CalibrationBatches)) : null, precision);
    }
}
