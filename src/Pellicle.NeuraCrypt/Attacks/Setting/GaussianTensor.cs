using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Tensors of independent normal numbers, for controls and initial values; never for noise that protects.</summary>
internal static class GaussianTensor
{
    public static Tensor Draw(ISeededRandom random, double mean, double deviation, params ReadOnlySpan<long> shape)
    {
        Tensor result = Tensor.Empty(DType.Float32, shape);
        foreach (ref float value in result.Data<float>())
        {
            value = (float)(mean + (deviation * random.NextGaussian()));
        }

        return result;
    }
}
