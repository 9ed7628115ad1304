using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Predicts the mean row of an image from its mean patch by ridge regression: all that the linear encoder does.</summary>
internal sealed class MeanEncoder : IRowEncoder
{
    private readonly EncoderArchitecture _architecture;
    private readonly Tensor _weight;
    private readonly Tensor _bias;

    private MeanEncoder(EncoderArchitecture architecture, Tensor weight, Tensor bias)
    {
        _architecture = architecture;
        _weight = weight.Detached();
        _bias = bias.Detached();
    }

    /// <summary>Learns from pairs.</summary>
    /// <param name="pictures">[n, C, S, S].</param>
    /// <param name="means">[n, 1, hidden].</param>
    /// <param name="architecture">Sizes.</param>
    public static MeanEncoder Fit(Tensor pictures, Tensor means, EncoderArchitecture architecture)
    {
        using TensorScope scope = TensorScope.Open();
        using var regression = new RidgeRegression(architecture.PatchValues, (int)means.Size(2));
        regression.Add(MeanPatches(pictures, architecture), means.Reshape(means.Size(0), -1));
        (Tensor weight, Tensor bias) = regression.Solve();
        return new MeanEncoder(architecture, weight, bias);
    }

    public Tensor Encode(Tensor images)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(MeanPatches(images, _architecture).Linear(_weight, _bias).Unsqueeze(1));
    }

    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
    }

    private static Tensor MeanPatches(Tensor pictures, EncoderArchitecture a) =>
        PrivateEncoder.Patches(pictures, a).Reshape(pictures.Size(0), a.Patches, a.PatchValues).Mean(1);
}
